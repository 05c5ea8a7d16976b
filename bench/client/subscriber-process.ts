/** Runs the subscribers of `load/subscribers.c` in their own process, and asks it for counts. */
import type { FileSink, Subprocess } from "bun";
import { compile, tlsFlags } from "../target/compile.ts";
import type { Target } from "../target/target.ts";
import { Histogram } from "./histogram.ts";

export interface DeliveryReport {
  readonly deliveries: number;
  readonly duplicates: number;
  /** The number of subscribers that miss at least one event. */
  readonly incomplete: number;
  readonly frameBytes: number;
  /** The server's writes, as the receivers' kernel counted them. */
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

  /** Connects `count` subscribers to all `channels`; `%d` in a channel becomes the subscriber's number. */
  static async start(
    target: Pick<Target, "host" | "port" | "app" | "dialect" | "isTls">,
    count: number,
    channels: readonly string[],
  ): Promise<SubscriberProcess> {
    const program = compile("load/subscribers.c", [
      ...(target.dialect?.subscriberFlags ?? []),
      ...(target.isTls === true ? tlsFlags : []),
    ]);
    const command = [program, target.host, String(target.port), target.app.key, String(count), ...channels];
    const started = new SubscriberProcess(
      Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" }),
    );
    await started.#line();
    return started;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Discards all counts; the next event must have the sequence number `first`. */
  async reset(first: number): Promise<void> {
    await this.#ask(`reset ${first}`);
  }

  /** Resolves after `deliveries` deliveries since the reset, or after `stallMs` without a delivery. */
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

  /** `published`: one more than the sequence number of the last event. */
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
    if (done) throw new Error("the subscribers process ended: see its output above");
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
