/** JSON in and out of the admin API. */
import { invalidRequest } from "./problem.ts";

/**
 * No body counts as an empty object, so that a plain POST takes every default.
 * @throws Refusal `invalid_request`
 */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === "") return {};
  // A form of another site could post text, but not JSON.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    throw invalidRequest("The body must be JSON, with the header Content-Type: application/json");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRequest(
      `The body is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`,
    );
  }
}

/** Without a value there is no body. */
export function jsonResponse(value: unknown, status: number, headers = new Headers()): Response {
  headers.set("cache-control", "no-store");
  return value === undefined
    ? new Response(null, { status, headers })
    : Response.json(value, { status, headers });
}
