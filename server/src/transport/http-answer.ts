/**
 * The response to a client that asks for its frames: a stream that stays open, or one that ends after its first text.
 */

export interface AnswerSource {
  /** The next text for this answer; empty if there is none yet. */
  take(answer: HttpAnswer): string;
  /** The runtime has taken the written bytes and requests more. */
  onRead(answer: HttpAnswer): void;
  /** The answer has ended. @param isLeft the client disconnected, which pusher-js does when it closes or renews */
  onGone(answer: HttpAnswer, isLeft: boolean): void;
}

/** The reason to cancel an answer whose client is still there. */
export const clientMayReturn = Symbol("The client may return");

export class HttpAnswer {
  readonly readable: ReadableStream<Uint8Array>;
  readonly isStreaming: boolean;
  readonly openedAtMs: number;
  /** UTF-16 units, as the client counts them. */
  charactersWritten = 0;
  #last = "";
  #isEnding = false;
  #isCancelled = false;
  #wake: () => void = () => undefined;

  /** @param textsAhead texts that are taken from the source before the answer is read */
  constructor(isStreaming: boolean, nowMs: number, source: AnswerSource, textsAhead = 1) {
    this.isStreaming = isStreaming;
    this.openedAtMs = nowMs;
    const encoder = new TextEncoder();
    this.readable = new ReadableStream(
      {
        pull: async (controller) => {
          source.onRead(this);
          let text = source.take(this);
          while (text === "" && !this.#isEnding) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve;
            });
            text = source.take(this);
          }
          if (this.#isCancelled) return;
          text += this.#last;
          this.charactersWritten += text.length;
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (isStreaming && !this.#isEnding) return;
          controller.close();
          source.onGone(this, false);
        },
        cancel: (reason) => {
          this.#isEnding = true;
          this.#isCancelled = true;
          this.#wake();
          source.onGone(this, reason !== clientMayReturn);
        },
      },
      { highWaterMark: textsAhead },
    );
  }

  /** Takes text from the source again. */
  wake(): void {
    this.#wake();
  }

  /** Ends the answer, after this line if it is not empty. */
  end(lastLine = ""): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#last = lastLine === "" ? "" : `${lastLine}\n`;
    this.#wake();
  }
}
