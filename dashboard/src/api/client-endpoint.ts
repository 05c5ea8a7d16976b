/** The endpoint that clients and backends connect to, as the server reports it. The dashboard may be served from another port or host. */
import type { ClientAddress } from "@soketify/admin";
import { createContext, useContext } from "react";

export interface ClientEndpoint {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Prefix of every path, such as `/realtime`; empty for none. */
  readonly path: string;
}

const EndpointContext = createContext<ClientEndpoint | null>(null);
export const ClientEndpointProvider = EndpointContext.Provider;

export function useClientEndpoint(): ClientEndpoint {
  const endpoint = useContext(EndpointContext);
  if (endpoint === null) throw new Error("useClientEndpoint works below ClientEndpointProvider only");
  return endpoint;
}

/** @param pageUrl the dashboard's URL. Its host and protocol are used if the server reports none. */
export function clientEndpoint(
  { publicUrl, port, pathPrefix }: ClientAddress,
  pageUrl: string,
): ClientEndpoint {
  const url = new URL(publicUrl ?? pageUrl);
  if (publicUrl === null && port !== null) url.port = String(port);
  const isTls = url.protocol === "https:";
  const portNumber = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return { host: url.hostname, port: portNumber, isTls, path: pathPrefix };
}
