/** Two nodes with clients on both. The stage causes a Redis failure and checks that the nodes recover from it. */
import { Api } from "../client/api.ts";
import { LightClient } from "../client/light-client.ts";
import { readSequence } from "../client/stamp.ts";
import type { Target } from "../target/target.ts";
import { failures, health, until } from "./fault.ts";
import { joinPresence, MemberWatch } from "./member-watch.ts";

const backWithinMs = 30_000;
const localWithinMs = 30_000;
const channel = "news";
const presence = "presence-room";

export interface Failure {
  /** The state of Redis, such as `frozen`. */
  readonly name: string;
  /** Whether the nodes detect the failure and report that they are degraded. */
  readonly isDetected: boolean;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** Two nodes. Each has a subscriber, a member who stays, and a watch of the members. */
export class ClusterStage {
  readonly #nodes: readonly Target[];
  readonly #received: number[][];
  readonly #watches: readonly MemberWatch[];
  readonly #apis: readonly Api[];
  readonly #newMembers: LightClient[] = [];
  #closes = 0;
  #sequence = 0;

  private constructor(nodes: readonly Target[], watches: readonly MemberWatch[], apis: readonly Api[]) {
    this.#nodes = nodes;
    this.#watches = watches;
    this.#apis = apis;
    this.#received = nodes.map(() => []);
  }

  static async open(nodes: readonly Target[]): Promise<ClusterStage> {
    const watches = await Promise.all(
      nodes.map((node, index) => MemberWatch.open(node, [presence], `watch-${index}`)),
    );
    const stage = new ClusterStage(nodes, watches, await Promise.all(nodes.map((node) => Api.connect(node))));
    for (const [index, node] of nodes.entries()) {
      const client = await stage.#connect(node, (sequence) => stage.#received[index]?.push(sequence));
      await client.subscribe(channel);
    }
    return stage;
  }

  async causeAndCheck(failure: Failure, lastingMs: number) {
    const [first] = this.#nodes;
    if (first === undefined) throw new Error("There are two nodes");
    await failure.begin();
    if (failure.isDetected)
      await until("the node reports that it is degraded", async () =>
        (await health(first)).body.includes("Redis"),
      );
    const began = performance.now();
    // Redis cannot come back meanwhile, so a busy machine may take its time.
    const isLocalDelivered = !failure.isDetected || (await this.#reaches(0, [0], localWithinMs));
    // A member joins and a member leaves while the nodes cannot reach each other.
    const newMember = await this.#enter(first, `new-member-${this.#sequence}`);
    this.#newMembers.push(newMember);
    if (this.#newMembers.length > 1) this.#newMembers.shift()?.cut();
    await until(
      "the failure has lasted long enough",
      () => performance.now() - began >= (failure.isDetected ? lastingMs : 0),
    );
    const endedAt = performance.now();
    await failure.end();
    await until("both nodes are healthy", async () =>
      (await Promise.all(this.#nodes.map(health))).every(({ body }) => !body.includes("Redis")),
    );
    await until(
      "subscribers on both nodes get the events of each node",
      async () => (await this.#reaches(0, [0, 1])) && (await this.#reaches(1, [0, 1])),
      backWithinMs,
    );
    await until("both nodes have the same members", () => this.#agree(), backWithinMs);
    const backMs = performance.now() - endedAt;
    const anomalies = this.#watches.flatMap((watch) => watch.anomalies.splice(0));
    return {
      backMs,
      found: [
        ...anomalies,
        ...failures({
          "local subscribers got the node's events during the failure": isLocalDelivered,
          "no client was closed": this.#closes === 0,
          "no subscriber got an event twice": this.#received.every(
            (mine) => new Set(mine).size === mine.length,
          ),
        }),
      ],
    };
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
    for (const api of this.#apis) api.close();
  }

  /** Publishes one event through a node; resolves true if the subscribers of these nodes get it soon. */
  async #reaches(node: number, receivers: readonly number[], withinMs = 1_000): Promise<boolean> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    const answer = await this.#apis[node]?.publish(channel, sequence);
    if (answer?.status !== 200) return false;
    try {
      await until(
        "the event arrives",
        () => receivers.every((one) => this.#received[one]?.includes(sequence) === true),
        withinMs,
      );
      return true;
    } catch {
      return false; // the caller retries or reports it
    }
  }

  /** Whether both watches have the same members, including the one that joined. */
  #agree(): boolean {
    const expected = this.#nodes.length + this.#newMembers.length;
    const lists = this.#watches.map((watch) => [...(watch.members.get(presence) ?? [])].sort().join(" "));
    return lists.every((list) => list === lists[0] && list.split(" ").length === expected);
  }

  #connect(node: Target, received: (sequence: number) => void): Promise<LightClient> {
    return LightClient.connect(
      { port: node.port, key: node.app.key },
      {
        onEvent: (bytes, _start, end) => received(readSequence(bytes, end)),
        onClose: (code) => {
          if (code !== null) this.#closes += 1;
        },
      },
    );
  }

  async #enter(node: Target, userId: string): Promise<LightClient> {
    const client = await this.#connect(node, () => undefined);
    await joinPresence(node, client, [presence], userId);
    return client;
  }
}
