/** Advice for a group of errors. */
import type { ErrorGroup } from "@soketify/admin";
import { errorPage } from "../../../server/src/protocol/error-page.ts";
import { codeWords, pageOf } from "../connections/code-words.ts";

export function adviceOf({ type, code }: Pick<ErrorGroup, "type" | "code">): string {
  if (isOfBackend(type)) return ofStatus(code ?? 500);
  if (code !== null) return codeWords(code).advice;
  return "Check what the client sends, and what its backend signs for the channel.";
}

/** The documentation of the error; null if it explains no such code. */
export function helpOn({ type, code }: Pick<ErrorGroup, "type" | "code">): string | null {
  if (isOfBackend(type)) return errorPage.http(code ?? 500);
  return code === null ? errorPage.message : pageOf(code);
}

function isOfBackend(type: ErrorGroup["type"]): boolean {
  return type === "api_request" || type === "api_request_refused";
}

function ofStatus(status: number): string {
  const known: { readonly [Status in number]?: string } = {
    401: "Check the app ID, key, secret and clock of the backend at this address against Settings.",
    403: "Enable the app under Settings.",
    404: "Check the app ID and the path that the backend uses.",
    413: "Send smaller events or fewer in a batch, or raise the server’s limit of request bodies.",
    429: "Send fewer requests, or raise “API requests per second” under Settings.",
    503: "Check whether Redis is reachable. The backend can send the request again.",
  };
  if (status >= 500) return known[status] ?? "See the server’s log at that time.";
  return known[status] ?? "Correct the request as the reason describes.";
}
