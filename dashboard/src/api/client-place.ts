/** Where clients and backends connect. The server says it: the dashboard may be on another port or host. */
import { createContext, useContext } from "react";
import type { ClientAddress } from "../../../server/src/admin-api/contracts/server.ts";

export interface ClientPlace {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Before every path, such as `/realtime`; empty for none. */
  readonly path: string;
}

const PlaceContext = createContext<ClientPlace | null>(null);
export const ClientPlaceProvider = PlaceContext.Provider;

export function useClientPlace(): ClientPlace {
  const place = useContext(PlaceContext);
  if (place === null) throw new Error("useClientPlace works below ClientPlaceProvider only");
  return place;
}

/** @param pageUrl of the dashboard, whose host and protocol are the clients' too where the server knows no other */
export function clientPlace({ publicUrl, port, pathPrefix }: ClientAddress, pageUrl: string): ClientPlace {
  const url = new URL(publicUrl ?? pageUrl);
  if (publicUrl === null && port !== null) url.port = String(port);
  const isTls = url.protocol === "https:";
  const portNumber = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return { host: url.hostname, port: portNumber, isTls, path: pathPrefix };
}
