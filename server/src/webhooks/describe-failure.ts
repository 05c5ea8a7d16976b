/** Why a request got no answer: in words that name no address of the network, and beside them what the network said. */
import { TargetRefused, TargetUnknown } from "./target-guard.ts";

export interface Failure {
  /** For everybody who manages the app. */
  readonly answer: string;
  /** For those who run the server alone: it may name internal addresses. */
  readonly detail: string;
}

/** Its message holds nothing but what was configured. */
export class RequestFailed extends Error {}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused",
  ECONNRESET: "The connection was closed before the answer",
  EPIPE: "The connection was closed before the answer",
  ETIMEDOUT: "The host could not be reached",
  EHOSTUNREACH: "The host could not be reached",
  ENETUNREACH: "The host could not be reached",
  CERT_HAS_EXPIRED: "The host's certificate has expired",
  CERT_NOT_YET_VALID: "The host's certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "The host's certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The host's certificate is not signed by an authority that is trusted here",
  SELF_SIGNED_CERT_IN_CHAIN: "The host's certificate is not signed by an authority that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "The host's certificate is not signed by an authority that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "The host's certificate is not signed by an authority that is trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The host's certificate is not signed by an authority that is trusted here",
};
const byPrefix: readonly (readonly [prefix: string, answer: string])[] = [
  ["ERR_SSL_", "The TLS connection failed"],
  ["EPROTO", "The TLS connection failed"],
  ["HPE_", "The answer is not HTTP"],
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
