/** Positions from which recovery is not possible. Each client gets the reason, and no event is replayed. */
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { LightClient, type Message } from "../client/light-client.ts";
import { startCluster } from "../target/cluster.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, runAsProgram, until } from "./fault.ts";

/** How many clients subscribe from each position at the same time. */
const sizes = { quick: 5, short: 100, long: 1_000 } satisfies Record<Extent, number>;

const historyMs = 1_000;
const rules = [
  { pattern: "few-*", historyEventsMax: 3 },
  { pattern: "brief-*", historyEventsMax: 100, historyMs },
  { pattern: "many-*", historyEventsMax: 1_000 },
];
/** One more than the maximum of events that a recovery replays. */
const tooMany = 301;

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

interface Answer {
  /** The history notice; null if the server refused the subscription. */
  readonly notice: { readonly epoch?: string; readonly recovered?: boolean; readonly reason?: string } | null;
  readonly words: string;
  readonly replayed: number;
}

export const recoveryRefused: Fault = {
  title: "a client that cannot recover gets the reason and no missed event",
  async run(extent) {
    const clients = sizes[extent];
    const problems: string[] = [];
    let node = await startSoketify(Admin.environment);
    try {
      const stage = await Stage.open(node, node, clients);
      await stage.tryAll();
      const before = await stage.positionIn("many-restarted");
      node = await node.restart();
      const restarted = await Stage.open(node, node, clients);
      await restarted.publish("many-restarted", before.offset + 1);
      await restarted.refuses("many-restarted", before, "unknown_epoch");
      problems.push(...[...stage.problems, ...restarted.problems].map((one) => `one node: ${one}`));
    } finally {
      await node.stop();
    }
    const cluster = await startCluster(2, () => Admin.environment);
    try {
      const [first, second] = cluster.nodes as [Target, Target];
      const stage = await Stage.open(first, second, clients);
      await stage.tryAll();
      const before = await stage.positionIn("many-flushed");
      await Bun.$`redis-cli -p ${cluster.redis.port} flushall`.quiet();
      await stage.publish("many-flushed", before.offset + 1);
      await stage.refuses("many-flushed", before, "unknown_epoch");
      problems.push(...stage.problems.map((one) => `two nodes: ${one}`));
    } finally {
      await cluster.stop();
    }
    return { figures: { clients }, problems };
  },
};

/** One node that receives publishes, and one to which the clients reconnect. */
class Stage {
  readonly problems: string[] = [];
  readonly #api: Api;
  readonly #node: Target;
  readonly #clients: number;
  #published = 0;

  private constructor(api: Api, node: Target, clients: number) {
    this.#api = api;
    this.#node = node;
    this.#clients = clients;
  }

  static async open(publisher: Target, node: Target, clients: number): Promise<Stage> {
    await new Admin(publisher).setRules(rules);
    const stage = new Stage(await Api.connect(publisher), node, clients);
    await until("both nodes have the rules", async () => {
      await stage.publish("few-known", 1);
      return (await stage.#comeBack("few-known", null)).notice?.epoch !== undefined;
    });
    return stage;
  }

  async tryAll(): Promise<void> {
    const few = await this.positionIn("few-a");
    await this.publish("few-a", 4);
    await this.refuses("few-a", few, "expired");

    const many = await this.positionIn("many-a");
    await this.publish("many-a", tooMany);
    await this.refuses("many-a", many, "too_many");

    const brief = await this.positionIn("brief-a");
    await this.publish("brief-a", 1);
    const expiredAt = performance.now() + historyMs;
    await until("the events have expired", () => performance.now() > expiredAt);
    await this.refuses("brief-a", brief, "expired");

    const other = await this.positionIn("many-b");
    await this.positionIn("many-c");
    await this.publish("many-c", 2);
    await this.refuses("many-c", other, "unknown_epoch");
    await this.refuses("many-c", { epoch: "", offset: 0 }, "unknown_epoch");
    await this.refuses("many-c", { ...other, offset: Number.MAX_SAFE_INTEGER }, "unknown_epoch");
    await this.refuses("plain", other, "no_history");
    for (const offset of [-1, 0.5, 2 ** 60, "3", null, [], {}])
      await this.refuses("many-c", { ...other, offset }, null);
    await this.refuses("many-c", { ...other, epoch: 1 }, null);
    await this.refuses("many-c", "garbage", null);
  }

  async publish(channel: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      this.#published += 1;
      const { status, body } = await this.#api.publish(channel, this.#published);
      if (status !== 200) throw new Error(`the server answered a publish with ${status}: ${body}`);
    }
  }

  /** The channel's position after one more event. */
  async positionIn(channel: string): Promise<Position> {
    await this.publish(channel, 1);
    const { notice } = await this.#comeBack(channel, null);
    return notice as Position;
  }

  /** @param reason null if the position is malformed, so that the server refuses the subscription */
  async refuses(channel: string, position: unknown, reason: string | null): Promise<void> {
    let answers: Answer[] = [];
    // A node reconnects when it detects that Redis lost its data, and cannot answer meanwhile.
    await until("the histories are available", async () => {
      const all = Array.from({ length: this.#clients }, () => this.#comeBack(channel, position));
      answers = await Promise.all(all);
      return answers.every(({ notice }) => notice?.reason !== "unavailable");
    });
    for (const { notice, words, replayed } of answers) {
      const isRight =
        reason === null
          ? notice === null && words.includes("data.recover must be")
          : notice?.recovered === false && notice.reason === reason;
      if (isRight && replayed === 0) continue;
      const reported = notice === null ? words : JSON.stringify(notice);
      this.problems.push(
        `${channel} from ${JSON.stringify(position)} must be ${reason ?? "refused"}, got ${reported} with ${replayed} events`,
      );
      return;
    }
  }

  async #comeBack(channel: string, position: unknown): Promise<Answer> {
    const received: Message[] = [];
    const { app, port } = this.#node;
    const answered = Promise.withResolvers<void>();
    const client = await LightClient.connect(
      { port, key: app.key },
      {
        onMessage: (message) => {
          received.push(message);
          // A connection's messages are answered in order, so the pong follows the answers to the subscription.
          if (message.event === "pusher:pong") answered.resolve();
        },
        onClose: () => answered.reject(new Error("the connection was closed")),
      },
    );
    const recover =
      typeof position === "object" && position !== null ? { ...position, socket_id: "1.1" } : position;
    client.send("pusher:subscribe", { channel, ...(recover === null ? {} : { recover }) });
    client.send("pusher:ping", {});
    await answered.promise;
    client.cut();
    const succeeded = received.find(({ event }) => event === "pusher_internal:subscription_succeeded");
    return {
      notice: succeeded === undefined ? null : JSON.parse(String(succeeded.data)),
      words: JSON.stringify(received.find(({ event }) => event === "pusher:error")?.data ?? ""),
      replayed: received.filter(({ event }) => event === "bench").length,
    };
  }
}

if (import.meta.main) await runAsProgram(recoveryRefused);
