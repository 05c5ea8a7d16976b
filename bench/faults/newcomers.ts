/** Clients that come to a server that cannot take all of them: who is let in and why others are not, and how those fare who are in. */
import type { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import type { Target } from "../target/target.ts";
import { failures, until } from "./fault.ts";

const channel = "everybody";

export class Newcomers {
  readonly clients: LightClient[] = [];
  /** Why somebody was not let in. */
  readonly refusals: string[] = [];
  readonly #target: Target;
  readonly #channelsOf: (index: number) => readonly string[];
  #came = 0;
  #received = 0;
  #ended = 0;

  /** @param channelsOf what each subscribes to beside the channel that all of them are in */
  constructor(target: Target, channelsOf: (index: number) => readonly string[] = () => []) {
    this.#target = target;
    this.#channelsOf = channelsOf;
  }

  /** So many more, some at once. */
  async come(count: number): Promise<void> {
    const before = this.#came;
    this.#came += count;
    await inParallel(count, (index) => this.#enter(before + index));
  }

  /** Publishes an event to those who are there; answers what is not as it must be. */
  async hear(api: Api): Promise<string[]> {
    const before = this.#received;
    const { status } = await api.publish(channel, 0);
    await until("everybody who is there has the event", () => this.#received - before >= this.clients.length);
    return failures({
      "the HTTP API takes an event meanwhile": status === 200,
      "everybody who is there receives it once": this.#received - before === this.clients.length,
      // Who was refused saw an end too.
      "nobody who is there is closed": this.#ended === this.refusals.length,
    });
  }

  leave(): void {
    closeCrowd(this.clients);
  }

  async #enter(index: number): Promise<void> {
    const { port, app } = this.#target;
    const listeners = { onEvent: () => (this.#received += 1), onClose: () => (this.#ended += 1) };
    try {
      const client = await LightClient.connect({ port, key: app.key }, listeners);
      await Promise.all([channel, ...this.#channelsOf(index)].map((each) => client.subscribe(each)));
      this.clients.push(client);
    } catch (error) {
      this.refusals.push(String(error));
    }
  }
}
