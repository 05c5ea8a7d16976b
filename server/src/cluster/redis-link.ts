/**
 * The link of a node to Redis: it connects, notices when the link is broken or mute, connects again, and keeps the list of
 * lines that the node follows. What the others have to do when it is back, they do in `onUp`.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { ErrorReply } from "redis";
import { EngineAway } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import { connectRedis, type Hear, type RedisConnection } from "./redis-connection.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { type RedisScript, redisScripts } from "./redis-scripts.ts";
import type { RedisTarget } from "./redis-target.ts";

/** Redis is reached again, and every line is followed. `isDataLost`: it forgot everything meanwhile. */
export type OnUp = (isDataLost: boolean) => Promise<void>;

/** Names in one SUBSCRIBE: more would hold up what else the server has to do. */
const namesAtOnce = 512;
const probeEveryMs = 2_000;
const probesMissedMax = 2;
const firstRetryMs = 100;
const retryMsMax = 3_000;

export interface RedisLinkOptions {
  readonly target: RedisTarget;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly log: Logger;
  /** What all nodes on these keys must answer alike. Asked until it has answered once. */
  readonly installation: () => Promise<string>;
}

/** The nodes on these keys of Redis belong to another installation than this one. */
export class OtherInstallation extends Error {
  override readonly name = "OtherInstallation";
}

export class RedisLink {
  /** Random, new with each start of the process. */
  readonly nodeId = randomUUID();
  readonly keys: RedisKeys;
  readonly #options: RedisLinkOptions;
  readonly #lines = new Map<string, Hear>();
  readonly #ups: OnUp[] = [];
  readonly #downs: (() => void)[] = [];
  readonly #hashes = new Map<RedisScript, string>();
  #connection: RedisConnection | null = null;
  #isUp = false;
  #installation: string | null = null;
  /** Whether Redis was found to be of this node's installation once. */
  #isAdmitted = false;
  #onRefused: (reason: OtherInstallation) => void = () => undefined;
  #problem: string | null = "Redis has not been reached yet";
  #epoch: string | null = null;
  /** Grows with each connection: what belongs to an older one is ignored. */
  #generation = 0;
  #probesMissed = 0;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;
  /** Names that this turn of the loop asked to follow; they go together. */
  #asked: { readonly names: string[]; readonly done: Promise<void> } | null = null;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.keys = options.keys;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether commands go out; also while the link is not yet up. */
  get isConnected(): boolean {
    return this.#connection !== null;
  }

  /** Why Redis cannot be used now, as a sentence; null: it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Called in the order of registration, one after the other, each time Redis is reached and all lines are followed. */
  onUp(listener: OnUp): void {
    this.#ups.push(listener);
  }

  /** Called synchronously when the link broke, before anything else is sent. */
  onDown(listener: () => void): void {
    this.#downs.push(listener);
  }

  /**
   * Resolves when Redis was reached or the first try failed; from then on it tries by itself.
   * @param onRefused called at most once, where Redis is reached for the first time after that, and is of another
   * installation
   * @throws OtherInstallation where the first try finds that
   */
  async start(onRefused: (reason: OtherInstallation) => void): Promise<void> {
    this.#onRefused = onRefused;
    await this.#connect(0);
  }

  /**
   * Checks that all nodes on these keys are of one installation; the first node decides which.
   * @throws OtherInstallation where it is not this node's
   */
  async #claim(): Promise<void> {
    this.#installation ??= await this.#options.installation();
    const key = this.keys.installation;
    const found = await this.send(key, ["SET", key, this.#installation, "NX", "GET"]);
    if (found === null || found === this.#installation) {
      this.#isAdmitted = true;
      return;
    }
    throw new OtherInstallation(
      `The nodes on this Redis have another database or another master key. Nodes of one cluster share both ` +
        `(SOKETIFY_DATABASE_URL, SOKETIFY_MASTER_KEY); nodes on SQLite share one data folder on one machine. ` +
        `For a second installation on the same Redis set SOKETIFY_REDIS_KEY_PREFIX. ` +
        `After a change of the database, delete the key ${key} in Redis while no node runs`,
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#isUp = false;
    this.#generation += 1;
    this.#connection?.close();
    this.#connection = null;
  }

  /** Runs a script. Scripts for one key run in the order of the calls. @throws EngineAway */
  run(script: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    return this.send(key, ["EVALSHA", this.#hashes.get(script) ?? "", "1", key, ...args]);
  }

  /** @throws EngineAway */
  async send(key: string, args: readonly string[]): Promise<unknown> {
    const connection = this.#connection;
    if (connection === null) throw new EngineAway(this.#problem ?? "Redis is away");
    const generation = this.#generation;
    try {
      return await connection.send(key, args);
    } catch (error) {
      // Only what Redis itself answered is an error of the command. All else means that the link is broken.
      if (isReply(error)) throw error;
      this.#lost(generation, error);
      throw new EngineAway(this.#problem ?? "Redis is away", { cause: error });
    }
  }

  /** Follows lines; they are followed again after each break. Resolves when they are, or at once where Redis is away. */
  async follow(names: readonly string[], hear: Hear): Promise<void> {
    const fresh = names.filter((name) => !this.#lines.has(name));
    for (const name of fresh) this.#lines.set(name, hear);
    if (this.#connection === null || fresh.length === 0) return this.#asked?.done;
    if (this.#asked === null) {
      const asked: string[] = [];
      this.#asked = {
        names: asked,
        done: Promise.resolve().then(() => {
          this.#asked = null;
          return this.#subscribe(asked);
        }),
      };
    }
    this.#asked.names.push(...fresh);
    return this.#asked.done;
  }

  unfollow(names: readonly string[]): void {
    const known = names.filter((name) => this.#lines.delete(name));
    if (known.length === 0 || this.#connection === null) return;
    const generation = this.#generation;
    this.#connection.unsubscribe(known, this.#hear).catch((error) => this.#lost(generation, error));
  }

  /** One function for all lines, so that the library keeps one entry a line. */
  readonly #hear: Hear = (message, name) => this.#lines.get(name)?.(message, name);

  async #subscribe(names: readonly string[]): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
    const generation = this.#generation;
    try {
      const groups = Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, index) =>
        names.slice(index * namesAtOnce, (index + 1) * namesAtOnce),
      );
      await Promise.all(groups.map((group) => connection.subscribe(group, this.#hear)));
    } catch (error) {
      this.#lost(generation, error);
    }
  }

  async #connect(attempt: number): Promise<void> {
    if (this.#isClosed) return;
    this.#generation += 1;
    const generation = this.#generation;
    const { target, log } = this.#options;
    try {
      const connection = await connectRedis(target, (error) => this.#lost(generation, error));
      if (this.#isClosed || generation !== this.#generation) return connection.close();
      this.#connection = connection;
      for (const [name, script] of Object.entries(redisScripts))
        this.#hashes.set(name as RedisScript, await connection.load(script));
      await this.#claim();
      const isDataLost = await this.#readEpoch();
      await this.#subscribe([this.keys.probe(this.nodeId), ...this.#lines.keys()]);
      if (generation !== this.#generation) return;
      this.#lines.set(this.keys.probe(this.nodeId), () => {
        this.#probesMissed = 0;
      });
      this.#isUp = true;
      this.#problem = null;
      this.#probesMissed = 0;
      log.info("Redis is reached");
      this.#cancelTimer = this.#options.clock.after(probeEveryMs, () => this.#probe(generation));
      for (const up of this.#ups) await up(isDataLost);
    } catch (error) {
      if (generation !== this.#generation) return;
      // A node that was admitted goes on by itself, as where Redis is away, until it finds its own nodes again.
      if (error instanceof OtherInstallation && !this.#isAdmitted) {
        this.close();
        throw error;
      }
      this.#retry(error, attempt);
    }
  }

  #lost(generation: number, error: unknown): void {
    if (generation !== this.#generation || this.#isClosed) return;
    this.#retry(error, 0);
  }

  /** The pauses double and are random in part, so that all nodes do not come back at the same moment. */
  #retry(error: unknown, attempt: number): void {
    this.#generation += 1;
    const { clock, log } = this.#options;
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#cancelTimer();
    this.#connection?.close();
    this.#connection = null;
    this.#problem = `Redis is away: ${error instanceof Error ? error.message || error.name : String(error)}`;
    if (wasUp || attempt === 0) log.warn({ err: error }, "Redis is away; trying again until it is back");
    if (wasUp) for (const down of this.#downs) down();
    const pauseMs = Math.min(retryMsMax, firstRetryMs * 2 ** attempt) * (0.5 + Math.random() / 2);
    this.#cancelTimer = clock.after(pauseMs, () => {
      this.#connect(attempt + 1).catch(this.#onRefused);
    });
  }

  /** Sends itself a word over both connections: a link on which nothing comes is as bad as a broken one. */
  #probe(generation: number): void {
    if (generation !== this.#generation) return;
    this.#probesMissed += 1;
    if (this.#probesMissed > probesMissedMax) {
      this.#lost(generation, new Error("nothing came back down its own line"));
      return;
    }
    const name = this.keys.probe(this.nodeId);
    // A failure is told by `send` itself.
    this.send(name, ["SPUBLISH", name, "probe"]).catch(() => undefined);
    this.#readEpoch().then(
      (isDataLost) => {
        if (isDataLost) this.#lost(generation, new Error("it has lost its data"));
      },
      () => undefined,
    );
    this.#cancelTimer = this.#options.clock.after(probeEveryMs, () => this.#probe(generation));
  }

  async #readEpoch(): Promise<boolean> {
    const mine = randomUUID();
    const found = await this.send(this.keys.epoch, ["SET", this.keys.epoch, mine, "NX", "GET"]);
    const epoch = found === null ? mine : String(found);
    // The loss is answered once to each who asks: the connection that is made after it knows the new epoch.
    const isDataLost = this.#epoch !== null && this.#epoch !== epoch;
    if (!this.#isUp) this.#epoch = epoch;
    return isDataLost;
  }
}

/**
 * Answers of a server that cannot be used now: it was demoted, is loading its data, lost its scripts, or a Redis Cluster
 * carried out calls in another order (see redis-scripts.ts).
 */
const unusable = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|NOSCRIPT|MISCONF|STALE)/;

/** Whether Redis answered the command with an error, so that the link itself is whole. */
function isReply(error: unknown): boolean {
  return error instanceof ErrorReply && !unusable.test(error.message);
}
