/** Publishes one event with `fetch`, for callers that need the headers of the request or the answer. */
import { eventBody } from "./publisher.ts";
import { type App, signedPath } from "./signature.ts";
import { nowMicros, stampedPayload } from "./stamp.ts";

/** Reads the body of the answer to its end. */
export async function postEvent(
  { port, app }: { readonly port: number; readonly app: App },
  channel: string,
  sequence: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = eventBody(channel, stampedPayload(200, sequence, nowMicros()));
  const answer = await fetch(`http://127.0.0.1:${port}${signedPath(app, "POST", "/events", body)}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer;
}
