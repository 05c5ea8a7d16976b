/** Sends OTLP requests over HTTP. A failure is logged once, until a request succeeds again. */
import type { OtlpTarget } from "./otlp-settings.ts";

export interface TelemetryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** `later`: the receiver is unreachable or busy, so the same request may succeed later. `refused`: the receiver would refuse it again. */
export type Sent = "accepted" | "refused" | "later";

/** The statuses that OTLP/HTTP defines as retryable. */
const retryable = new Set([429, 502, 503, 504]);
const reasonCharactersMax = 200;

export class OtlpSender {
  readonly #target: OtlpTarget;
  readonly #what: string;
  readonly #log: TelemetryLog;
  #isFailing = false;

  /** @param what begins the log line, such as `Traces` */
  constructor(target: OtlpTarget, what: string, log: TelemetryLog) {
    this.#target = target;
    this.#what = what;
    this.#log = log;
  }

  /** Never rejects. */
  async send(body: Uint8Array<ArrayBuffer>): Promise<Sent> {
    const { url, headers, timeoutMs, isJson } = this.#target;
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { ...headers, "Content-Type": isJson ? "application/json" : "application/x-protobuf" },
        body,
        signal: AbortSignal.timeout(timeoutMs),
        redirect: "error",
      });
      await answer.body?.cancel();
      if (answer.ok) return this.#succeeded();
      return this.#failed(`it answered ${answer.status}`, retryable.has(answer.status) ? "later" : "refused");
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error), "later");
    }
  }

  #succeeded(): Sent {
    if (this.#isFailing) this.#log.info({}, `${this.#what} are sent to the OTLP receiver again`);
    this.#isFailing = false;
    return "accepted";
  }

  #failed(why: string, sent: Sent): Sent {
    if (!this.#isFailing) {
      const receiver = new URL(this.#target.url).host;
      const reason = why.slice(0, reasonCharactersMax);
      this.#log.warn({ receiver, reason }, `${this.#what} cannot be sent to the OTLP receiver`);
    }
    this.#isFailing = true;
    return sent;
  }
}
