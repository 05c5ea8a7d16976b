/** Describes why a request got no response: a message without internal addresses, and the network's own message as detail. */
import { TargetRefused, TargetUnknown } from "./target-guard.ts";

export interface Failure {
  /** For all people who manage the app. */
  readonly answer: string;
  /** For the server's operators only: it may contain internal addresses. */
  readonly detail: string;
}

/** An error whose message contains only configured values. */
export class RequestFailed extends Error {}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused",
  ECONNRESET: "The connection was closed before the response",
  EPIPE: "The connection was closed before the response",
  ETIMEDOUT: "The host could not be reached",
  EHOSTUNREACH: "The host could not be reached",
  ENETUNREACH: "The host could not be reached",
  CERT_HAS_EXPIRED: "The host's certificate has expired",
  CERT_NOT_YET_VALID: "The host's certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "The host's certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The host's certificate is not signed by an authority that this server trusts",
  SELF_SIGNED_CERT_IN_CHAIN: "The host's certificate is not signed by an authority that this server trusts",
  UNABLE_TO_GET_ISSUER_CERT: "The host's certificate is not signed by an authority that this server trusts",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "The host's certificate is not signed by an authority that this server trusts",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The host's certificate is not signed by an authority that this server trusts",
};
const byPrefix: readonly (readonly [prefix: string, answer: string])[] = [
  ["ERR_SSL_", "The TLS connection failed"],
  ["EPROTO", "The TLS connection failed"],
  ["HPE_", "The response is not HTTP"],
];
const unknown = "The request failed";

export function describeFailure(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof TargetRefused || error instanceof TargetUnknown)
    return { answer: error.message, detail: error.detail };
  if (error instanceof RequestFailed) return { answer: error.message, detail };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const prefixed = byPrefix.find(([prefix]) => code.startsWith(prefix));
  return { answer: byCode[code] ?? prefixed?.[1] ?? unknown, detail };
}
