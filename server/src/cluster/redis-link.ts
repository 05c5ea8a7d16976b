/**
 * The link of a node to Redis: it connects, detects a lost or silent connection, reconnects, and follows the node's
 * lines again. The other suppliers do their work after a reconnect in `onUp`.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import { OtherInstallation } from "./other-installation.ts";
import { connectRedis, isReply, type OnLine, type RedisConnection } from "./redis-connection.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { type RedisScript, redisScripts } from "./redis-scripts.ts";
import type { RedisTarget } from "./redis-target.ts";

/** Called when Redis is connected and every line is followed. `isDataLost`: Redis lost its data since the last time. */
export type OnUp = (isDataLost: boolean) => Promise<void>;

/** The maximum names in one SUBSCRIBE: more would delay the server's other work. */
const namesAtOnce = 512;
const probeEveryMs = 2_000;
const probesMissedMax = 2;
/** For scripts and subscriptions of a new connection, before its probes begin. */
const readyMsMax = 10_000;
const firstRetryMs = 100;
const retryMsMax = 3_000;

export interface RedisLinkOptions {
  readonly target: RedisTarget;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly log: Logger;
  /** A value that must be the same on all nodes with this key prefix. Called until it has succeeded once. */
  readonly installation: () => Promise<string>;
}

export class RedisLink {
  /** Random, new with each start of the process. */
  readonly nodeId = randomUUID();
  readonly keys: RedisKeys;
  readonly #options: RedisLinkOptions;
  readonly #lines = new Map<string, OnLine>();
  readonly #ups: OnUp[] = [];
  readonly #downs: (() => void)[] = [];
  readonly #hashes = new Map<RedisScript, string>();
  #connection: RedisConnection | null = null;
  #isUp = false;
  #installation: string | null = null;
  /** Whether Redis was once found to belong to this node's installation. */
  #isAdmitted = false;
  #onRefused: (reason: OtherInstallation) => void = () => undefined;
  #problem: string | null = "Redis is not connected yet";
  #epoch: string | null = null;
  /** Whether Redis lost its data, and not every listener of `onUp` has handled it yet. */
  #isLossOpen = false;
  /** Increases with each connection: callbacks of older ones are ignored. */
  #generation = 0;
  #probesMissed = 0;
  #roundTripMs: number | null = null;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;
  /** Names to follow that were added in this turn of the event loop; they are sent together. */
  #asked: { readonly names: string[]; readonly done: Promise<void> } | null = null;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.keys = options.keys;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the channels are spread over several servers. */
  get isSharded(): boolean {
    return this.#options.target.kind === "cluster";
  }

  /** Whether commands go out; also while the link is not yet up. */
  get isConnected(): boolean {
    return this.#connection !== null;
  }

  /** Why Redis is unavailable, as a sentence; null: it is available. */
  get problem(): string | null {
    return this.#problem;
  }

  /** From a command to its answer, measured with each probe; null: Redis is unreachable. */
  get roundTripMs(): number | null {
    return this.#isUp ? this.#roundTripMs : null;
  }

  /**
   * Adds a listener. Listeners are called one after another, in the order of registration, each time Redis is reached
   * and all lines are followed.
   */
  onUp(listener: OnUp): void {
    this.#ups.push(listener);
  }

  /** Adds a listener that is called synchronously when the connection is lost, before anything else is sent. */
  onDown(listener: () => void): void {
    this.#downs.push(listener);
  }

  /**
   * Resolves when Redis was reached or the first attempt failed. After a failure it retries by itself.
   * @param onRefused called at most once, if Redis is first reached after that and belongs to another installation
   * @throws OtherInstallation if the first attempt finds this
   */
  async start(onRefused: (reason: OtherInstallation) => void): Promise<void> {
    this.#onRefused = onRefused;
    await this.#connect(0);
  }

  /**
   * Checks that all nodes with this key prefix belong to one installation, which the first node sets.
   * @throws OtherInstallation if it is not this node's
   */
  async #claim(): Promise<void> {
    this.#installation ??= await this.#options.installation();
    const key = this.keys.installation;
    const found = await this.send(key, ["SET", key, this.#installation, "NX", "GET"]);
    if (found === null || found === this.#installation) {
      this.#isAdmitted = true;
      return;
    }
    throw new OtherInstallation(key);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#isUp = false;
    this.#generation += 1;
    this.#connection?.close();
    this.#connection = null;
  }

  /** Runs a script. Scripts for one key run in the order of the calls. @throws EngineUnreachable */
  run(script: RedisScript, key: string, args: readonly string[]): Promise<unknown> {
    return this.send(key, ["EVALSHA", this.#hashes.get(script) ?? "", "1", key, ...args]);
  }

  /** @throws EngineUnreachable */
  async send(key: string, args: readonly string[]): Promise<unknown> {
    const connection = this.#connection;
    if (connection === null) throw new EngineUnreachable(this.#problem ?? "Redis is unreachable");
    const generation = this.#generation;
    try {
      return await connection.send(key, args);
    } catch (error) {
      // Only an error answer of Redis is an error of the command. Any other error means that the connection is lost.
      if (isReply(error)) throw error;
      this.#lost(generation, error);
      throw new EngineUnreachable(this.#problem ?? "Redis is unreachable", { cause: error });
    }
  }

  /** Sends a probe to a node. Returns whether it arrived, so the node has a connection. @throws EngineUnreachable */
  async probe(nodeId: string): Promise<boolean> {
    const name = this.keys.probe(nodeId);
    return Number(await this.send(name, ["SPUBLISH", name, "probe"])) > 0;
  }

  /** Follows lines, also after each reconnect. Resolves when they are followed; immediately if Redis is unreachable. */
  async follow(names: readonly string[], onLine: OnLine): Promise<void> {
    const fresh = names.filter((name) => !this.#lines.has(name));
    for (const name of fresh) this.#lines.set(name, onLine);
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
    this.#connection.unsubscribe(known, this.#onLine).catch((error) => this.#lost(generation, error));
  }

  /** One function for all lines, so that the library stores one small entry for each line. */
  readonly #onLine: OnLine = (message, name) => this.#lines.get(name)?.(message, name);

  async #subscribe(names: readonly string[]): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
    const generation = this.#generation;
    try {
      const groups = Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, index) =>
        names.slice(index * namesAtOnce, (index + 1) * namesAtOnce),
      );
      await Promise.all(groups.map((group) => connection.subscribe(group, this.#onLine)));
    } catch (error) {
      this.#lost(generation, error);
    }
  }

  async #connect(attempt: number): Promise<void> {
    if (this.#isClosed) return;
    this.#generation += 1;
    const generation = this.#generation;
    const { target, clock, log } = this.#options;
    try {
      const connection = await connectRedis(target, clock, (error) => this.#lost(generation, error));
      if (this.#isClosed || generation !== this.#generation) return connection.close();
      this.#connection = connection;
      this.#cancelTimer = clock.after(readyMsMax, () => {
        this.#retry(new Error("Redis does not answer"), attempt);
      });
      for (const [name, script] of Object.entries(redisScripts))
        this.#hashes.set(name as RedisScript, await connection.load(script));
      await this.#claim();
      if (await this.#readEpoch()) this.#isLossOpen = true;
      await this.#subscribe([this.keys.probe(this.nodeId), ...this.#lines.keys()]);
      if (generation !== this.#generation) return;
      this.#lines.set(this.keys.probe(this.nodeId), () => {
        this.#probesMissed = 0;
      });
      this.#isUp = true;
      this.#problem = null;
      this.#probesMissed = 0;
      log.info("Redis is connected");
      this.#cancelTimer();
      this.#cancelTimer = clock.after(probeEveryMs, () => this.#probeItself(generation));
      for (const up of this.#ups) if (generation === this.#generation) await up(this.#isLossOpen);
      if (generation === this.#generation) this.#isLossOpen = false;
    } catch (error) {
      if (generation !== this.#generation) return;
      // A node that was admitted before continues as if Redis were unreachable, until Redis has its installation again.
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

  /** The delays double and are partly random, so that the nodes do not reconnect at the same moment. */
  #retry(error: unknown, attempt: number): void {
    this.#generation += 1;
    const { clock, log } = this.#options;
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#cancelTimer();
    this.#connection?.close();
    this.#connection = null;
    this.#problem = `Redis is unreachable: ${error instanceof Error ? error.message || error.name : String(error)}`;
    if (wasUp || attempt === 0) log.warn({ err: error }, "Redis is unreachable; retrying until it is back");
    if (wasUp) for (const down of this.#downs) down();
    const pauseMs = Math.min(retryMsMax, firstRetryMs * 2 ** attempt) * (0.5 + Math.random() / 2);
    this.#cancelTimer = clock.after(pauseMs, () => void this.#connect(attempt + 1).catch(this.#onRefused));
  }

  /** Sends itself a message over both connections. If it does not arrive, the connection counts as lost. */
  #probeItself(generation: number): void {
    if (generation !== this.#generation) return;
    this.#probesMissed += 1;
    if (this.#probesMissed > probesMissedMax) {
      this.#lost(generation, new Error("its own probe message did not arrive"));
      return;
    }
    // `send` handles a failure itself.
    this.probe(this.nodeId).catch(() => undefined);
    this.#readEpoch().then(
      (isDataLost) => {
        if (isDataLost) this.#lost(generation, new Error("Redis lost its data"));
      },
      () => undefined,
    );
    this.#cancelTimer = this.#options.clock.after(probeEveryMs, () => this.#probeItself(generation));
  }

  async #readEpoch(): Promise<boolean> {
    const mine = randomUUID();
    const sentAtMs = performance.now();
    const found = await this.send(this.keys.epoch, ["SET", this.keys.epoch, mine, "NX", "GET"]);
    this.#roundTripMs = Math.round((performance.now() - sentAtMs) * 100) / 100;
    const epoch = found === null ? mine : String(found);
    // It is found once: the next connection starts with the new epoch.
    const isDataLost = this.#epoch !== null && this.#epoch !== epoch;
    if (!this.#isUp) this.#epoch = epoch;
    return isDataLost;
  }
}
