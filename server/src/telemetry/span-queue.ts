/**
 * Holds ended spans until they are sent. OpenTelemetry's own batch processor limits their number, not their bytes, drops
 * a batch that the receiver could not take, and does not say how many it dropped.
 */
import { TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Clock } from "../core/ports/clock.ts";
import type { Sent } from "./otlp-sender.ts";

export interface SpanFigures {
  /** Spans that the receiver accepted. */
  readonly exported: number;
  /** Spans that were not sent: the queue was full, the receiver refused them, or the server stopped. */
  readonly lost: number;
}

export interface SpanQueueNeeds {
  readonly send: (body: Uint8Array<ArrayBuffer>) => Promise<Sent>;
  readonly isJson: boolean;
  readonly clock: Pick<Clock, "after">;
  readonly bytesMax: number;
  /** How long a span waits for others at most. */
  readonly everyMs: number;
}

const spansPerRequest = 512;
/** An estimate of a span without its texts. */
const bytesOfEmptySpan = 1_000;

export class SpanQueue implements SpanProcessor {
  readonly #needs: SpanQueueNeeds;
  readonly #waiting: { readonly span: ReadableSpan; readonly bytes: number }[] = [];
  #bytes = 0;
  #exported = 0;
  #lost = 0;
  #cancelTimer: (() => void) | null = null;
  #sending: Promise<void> | null = null;

  constructor(needs: SpanQueueNeeds) {
    this.#needs = needs;
  }

  get figures(): SpanFigures {
    return { exported: this.#exported, lost: this.#lost };
  }

  onStart(): void {
    // Only ended spans are sent.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const bytes = bytesOf(span);
    if (this.#bytes + bytes > this.#needs.bytesMax) {
      this.#lost += 1;
      return;
    }
    this.#bytes += bytes;
    this.#waiting.push({ span, bytes });
    if (this.#waiting.length === spansPerRequest) void this.#sendNow();
    else this.#sendLater();
  }

  async forceFlush(): Promise<void> {
    if (this.#sending !== null) await this.#sending;
    if (this.#waiting.length > 0) await this.#sendNow();
  }

  /** Sends the waiting spans once. Spans that the receiver does not accept are lost. */
  async shutdown(): Promise<void> {
    await this.forceFlush();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#remove(this.#waiting.length);
  }

  #sendLater(): void {
    if (this.#sending !== null) return;
    this.#cancelTimer ??= this.#needs.clock.after(this.#needs.everyMs, () => void this.#sendNow());
  }

  #sendNow(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#sendLater();
    });
    return this.#sending;
  }

  /** Sends request after request until none waits or the receiver is unreachable. */
  async #sendAll(): Promise<void> {
    const serializer = this.#needs.isJson ? JsonTraceSerializer : ProtobufTraceSerializer;
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.slice(0, spansPerRequest).map(({ span }) => span);
      const body = serializer.serializeRequest(spans);
      const sent = body === undefined ? "refused" : await this.#needs.send(new Uint8Array(body));
      if (sent === "later") return;
      if (sent === "accepted") this.#exported += spans.length;
      this.#remove(spans.length, sent === "accepted");
    }
  }

  #remove(count: number, isExported = false): void {
    for (const { bytes } of this.#waiting.splice(0, count)) this.#bytes -= bytes;
    if (!isExported) this.#lost += count;
  }
}

/** An estimate of the memory that the span takes. Its attributes have short keys and text, number or boolean values. */
function bytesOf({ name, attributes }: ReadableSpan): number {
  let bytes = bytesOfEmptySpan + name.length * 2;
  for (const value of Object.values(attributes)) bytes += typeof value === "string" ? value.length * 2 : 8;
  return bytes;
}
