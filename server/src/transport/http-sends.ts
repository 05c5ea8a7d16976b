/** Reads the messages of a client without WebSocket: one request after another, in the order of arrival. */
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import { readBody } from "../net/read-body.ts";
import { HttpError } from "../protocol/errors.ts";

export interface SendOptions {
  readonly clock: Clock;
  readonly messageBytesMax: number;
  /** Counts the bytes of the bodies that are being read, in all sessions. */
  readonly bodies: ByteBudget;
}

const bodyMsMax = 10_000;
/** The maximum number of concurrent bodies of the largest size in a session. */
const largestBodiesMax = 4;

/** The bytes of the longest body: JSON escapes each quote and each backslash of a message with one more byte. */
function bodyBytesMax(messageBytesMax: number): number {
  return messageBytesMax * 2 + 64;
}

export class HttpSends {
  readonly #appId: string;
  readonly #options: SendOptions;
  readonly #handle: (messages: readonly string[]) => void | Promise<void>;
  #bytes = 0;
  /** Resolves when the latest request was handled. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    appId: string,
    options: SendOptions,
    handle: (messages: readonly string[]) => void | Promise<void>,
  ) {
    this.#appId = appId;
    this.#options = options;
    this.#handle = handle;
  }

  /**
   * Handles the messages of the request after those of all earlier requests. Their bytes count until then.
   * @throws HttpError 400, 408, 413 or 503; later requests are still handled
   */
  async receive(request: Request): Promise<void> {
    const bytes = this.#take(request);
    try {
      const turn = Promise.allSettled([this.#read(request), this.#turn]);
      this.#turn = turn;
      const [body] = await turn;
      if (body.status === "rejected") throw body.reason;
      await this.#handle(messagesOf(body.value));
    } finally {
      this.#bytes -= bytes;
      this.#options.bodies.give(this.#appId, bytes);
    }
  }

  /** Counts the bytes of a body that will be read. @throws HttpError 503 */
  #take(request: Request): number {
    const { messageBytesMax, bodies } = this.#options;
    const bytesMax = bodyBytesMax(messageBytesMax);
    const announced = request.headers.get("content-length");
    const bytes = announced === null ? bytesMax : Math.min(Number(announced), bytesMax);
    if (this.#bytes + bytes > bytesMax * largestBodiesMax || !bodies.take(this.#appId, bytes)) {
      throw new HttpError(
        503,
        "Too many messages are being sent at the same time: send fewer requests at once",
      );
    }
    this.#bytes += bytes;
    return bytes;
  }

  async #read(request: Request): Promise<string> {
    const { messageBytesMax, clock } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(bodyMsMax, () => deadline.abort());
    try {
      return await readBody(request, bodyBytesMax(messageBytesMax), deadline.signal);
    } finally {
      cancel();
    }
  }
}

function messagesOf(body: string): readonly string[] {
  let messages: unknown;
  try {
    messages = JSON.parse(body);
  } catch {
    messages = null;
  }
  if (!Array.isArray(messages) || !messages.every((message) => typeof message === "string"))
    throw new HttpError(400, 'The body must be a JSON array of messages, each a text, such as ["{…}"]');
  return messages;
}
