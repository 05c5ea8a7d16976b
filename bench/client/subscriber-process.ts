/** The C subscribers of `load/subscribers.c`, in a process of their own, from which the counts are asked. */
import type { FileSink, Subprocess } from "bun";
import { compile } from "../target/compile.ts";
import type { Target } from "../target/target.ts";
import { Histogram } from "./histogram.ts";

export interface DeliveryReport {
  readonly deliveries: number;
  readonly duplicates: number;
  /** Subscribers that miss at least one event. */
  readonly incomplete: number;
  readonly frameBytes: number;
  /** Writes of the server, as the kernel counted them at the receivers. */
  readonly writes: number;
  readonly latency: Histogram;
}

export class SubscriberProcess {
  readonly #process: Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: Subprocess<"pipe", "pipe", "inherit">) {
    this.#process = process;
    this.#lines = lines(process.stdout);
  }

  /** Connects `count` subscribers to all `channels`; `%d` in one becomes the subscriber's number. */
  static async start(target: Target, count: number, channels: readonly string[]): Promise<SubscriberProcess> {
    const program = compile("load/subscribers.c");
    const command = [program, String(target.port), target.app.key, String(count), ...channels];
    const started = new SubscriberProcess(
      Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" }),
    );
    await started.#line();
    return started;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Forgets what was received; the next event has the sequence number `first`. */
  async reset(first: number): Promise<void> {
    await this.#ask(`reset ${first}`);
  }

  /** Ends when `deliveries` have come since the reset, or none has for `stallMs`. */
  async untilDelivered(deliveries: number, stallMs: number): Promise<void> {
    let last = -1;
    let lastChange = performance.now();
    for (;;) {
      const count = Number(await this.#ask("count"));
      if (count >= deliveries) return;
      if (count !== last) lastChange = performance.now();
      else if (performance.now() - lastChange > stallMs) return;
      last = count;
      await Bun.sleep(5);
    }
  }

  /** `published`: the sequence number after the last event. */
  async report(published: number): Promise<DeliveryReport> {
    const [deliveries, duplicates, incomplete, frameBytes, writes, ...buckets] = (
      await this.#ask(`report ${published}`)
    ).split(" ");
    return {
      deliveries: Number(deliveries),
      duplicates: Number(duplicates),
      incomplete: Number(incomplete),
      frameBytes: Number(frameBytes),
      writes: Number(writes),
      latency: Histogram.fromBuckets(
        buckets.map((bucket) => {
          const [index, count] = bucket.split(":");
          return [Number(index), Number(count)] as const;
        }),
      ),
    };
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  async #ask(command: string): Promise<string> {
    const input: FileSink = this.#process.stdin;
    input.write(`${command}\n`);
    await input.flush();
    return this.#line();
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the subscribers ended: see what they wrote above");
    return value;
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
