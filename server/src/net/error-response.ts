/** The plain text response for a refused request, as Pusher's API sends it. */
import { errorPage, helpHeader } from "../protocol/error-page.ts";
import type { HttpError } from "../protocol/errors.ts";

export function errorResponse(
  { status, message, headers }: HttpError,
  more: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${message}\n`, {
    status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      [helpHeader]: errorPage.http(status),
      ...more,
      ...headers,
    },
  });
}
