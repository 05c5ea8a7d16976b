/** Reads and writes JSON bodies of the admin API. */
import { isJson } from "../net/media-type.ts";
import { readBody } from "../net/read-body.ts";
import { NulInText, parseStorableJson } from "../net/storable-json.ts";
import { invalidRequest } from "./problem.ts";

/** The body limit of unauthenticated requests. */
export const anonymousBodyBytesMax = 8_192;

/**
 * An absent body counts as an empty object, so that a plain POST uses the defaults.
 * @throws Refusal `invalid_request`, NulInText, HttpError 413
 */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  const text = await readBody(request, bytesMax);
  if (text === "") return {};
  // A form on another site can post text, but not JSON.
  if (!isJson(request.headers)) {
    throw invalidRequest("The body must be JSON, with the header Content-Type: application/json");
  }
  try {
    return parseStorableJson(text);
  } catch (error) {
    if (error instanceof NulInText) throw error;
    throw invalidRequest(
      `The body is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`,
    );
  }
}

/** Without a value, the response has no body. */
export function jsonResponse(value: unknown, status: number, headers = new Headers()): Response {
  headers.set("cache-control", "no-store");
  return value === undefined
    ? new Response(null, { status, headers })
    : Response.json(value, { status, headers });
}
