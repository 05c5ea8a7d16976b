/** Reads the body of a request up to a limit. The only place that reads one. */
import { HttpError } from "../protocol/errors.ts";

/** How much of a body that is too large is read and dropped, so that a sender who asked to close can finish. */
const droppedBytesMax = 64 * 1_048_576;

/**
 * Text, empty where there is no body. What is not UTF-8 reads as something else than was sent.
 * A sender whose body is too large gets its answer and may use the connection again: the runtime takes the rest of the
 * body from the socket and drops it.
 * @throws HttpError 413, or 400 where the sender went away in the middle
 */
export async function readBody(request: Request, bytesMax: number): Promise<string> {
  if (request.method === "GET" || request.method === "HEAD") return "";
  const announced = request.headers.get("content-length");
  const closes = /\bclose\b/i.test(request.headers.get("connection") ?? "");
  const droppedMax = closes ? droppedBytesMax : 0;
  if (Number(announced) > bytesMax + droppedMax) throw tooLarge(bytesMax);
  try {
    if (announced !== null && Number(announced) <= bytesMax) return await request.text();
    return await readUpTo(request.body, bytesMax, droppedMax);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "The request ended before its body was complete");
  }
}

/** After an answer the runtime closes the connection where the sender asked for it: a sender still at work would see an error. */
async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  droppedMax: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes <= bytesMax) chunks.push(chunk);
    // Leaving the loop cancels the stream.
    else if (bytes > bytesMax + droppedMax) break;
  }
  if (bytes > bytesMax) throw tooLarge(bytesMax);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError(413, `The request body is too large: at most ${bytesMax} bytes`);
}
