/** Connects more clients than a server can accept. Reports which are accepted, why the others are refused, and whether the accepted ones are served. */
import type { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import type { Target } from "../target/target.ts";
import { failures, until } from "./fault.ts";

const channel = "everybody";

export class ConnectingClients {
  readonly clients: LightClient[] = [];
  /** The reason of each refused connection. */
  readonly refusals: string[] = [];
  readonly #target: Target;
  readonly #channelsOf: (index: number) => readonly string[];
  #attempted = 0;
  #received = 0;
  #ended = 0;

  /** @param channelsOf the channels of each client, besides the channel that all clients share */
  constructor(target: Target, channelsOf: (index: number) => readonly string[] = () => []) {
    this.#target = target;
    this.#channelsOf = channelsOf;
  }

  /** Connects `count` more clients, some at the same time. */
  async connect(count: number): Promise<void> {
    const before = this.#attempted;
    this.#attempted += count;
    await inParallel(count, (index) => this.#connectOne(before + index));
  }

  /** Publishes an event to the connected clients; returns the claims that are false. */
  async checkDelivery(api: Api): Promise<string[]> {
    const before = this.#received;
    const { status } = await api.publish(channel, 0);
    await until("all connected clients have the event", () => this.#received - before >= this.clients.length);
    await until("the refused connections have ended", () => this.#ended >= this.refusals.length);
    return failures({
      "the HTTP API accepts an event": status === 200,
      "every connected client receives it once": this.#received - before === this.clients.length,
      // A refused connection also counts as ended.
      "no accepted connection is closed": this.#ended === this.refusals.length,
    });
  }

  leave(): void {
    closeCrowd(this.clients);
  }

  async #connectOne(index: number): Promise<void> {
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
