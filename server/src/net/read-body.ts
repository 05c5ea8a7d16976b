/** Reads the body of a request up to a limit. Only this file reads bodies. */
import { HttpError } from "../protocol/errors.ts";

/** The part of a too large body that is read and dropped, so that a sender of `Connection: close` can finish. */
const droppedBytesMax = 64 * 1_048_576;

/**
 * Returns the body as text; empty if there is none. Invalid UTF-8 is replaced. A sender whose body is too large gets
 * its answer and may reuse the connection: the runtime reads and drops the rest of the body.
 * @param deadline aborted when the body must be complete
 * @throws HttpError 413, 408 after the deadline, or 400 if the sender disconnected before the end
 */
export async function readBody(request: Request, bytesMax: number, deadline?: AbortSignal): Promise<string> {
  try {
    return await bodyOf(request, bytesMax, deadline);
  } catch (error) {
    throw bodyError(error);
  }
}

/** Like `readBody`, with fewer promises, for the hot path: the caller passes its error through `bodyError`. */
export function bodyOf(request: Request, bytesMax: number, deadline?: AbortSignal): Promise<string> {
  if (request.method === "GET" || request.method === "HEAD") return Promise.resolve("");
  const announced = request.headers.get("content-length");
  // Nearly every request takes this path, so it avoids the cost of an async function.
  if (deadline === undefined && announced !== null && Number(announced) <= bytesMax) return request.text();
  return readLimited(request, announced, bytesMax, deadline);
}

async function readLimited(
  request: Request,
  announced: string | null,
  bytesMax: number,
  deadline: AbortSignal | undefined,
): Promise<string> {
  const closes = /\bclose\b/i.test(request.headers.get("connection") ?? "");
  const droppedMax = closes ? droppedBytesMax : 0;
  if (Number(announced) > bytesMax + droppedMax) throw tooLarge(bytesMax);
  return readUpTo(request.body, bytesMax, droppedMax, deadline);
}

/** The error of a body that could not be read. */
export function bodyError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  return new HttpError(400, "The request ended before its body was complete");
}

/**
 * Reads and drops more than the limit: if the sender asked to close the connection, the runtime closes it after the
 * answer, and a sender that is still sending would see an error.
 */
async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  droppedMax: number,
  deadline: AbortSignal | undefined,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  // This ends a read that waits for bytes.
  deadline?.addEventListener("abort", () => void reader?.cancel());
  for (;;) {
    const chunk = (await reader?.read())?.value;
    if (deadline?.aborted) throw new HttpError(408, "The body of the request did not arrive in time");
    if (chunk === undefined) break;
    bytes += chunk.byteLength;
    if (bytes <= bytesMax) chunks.push(chunk);
    else if (bytes > bytesMax + droppedMax) {
      await reader?.cancel();
      break;
    }
  }
  if (bytes > bytesMax) throw tooLarge(bytesMax);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError(413, `The request body is too large: at most ${bytesMax} bytes`);
}
