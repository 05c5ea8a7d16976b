/**
 * The nodes of a cluster, from the reports that each writes to Redis. Leases expire by the clock of Redis, so the
 * nodes' clocks do not matter.
 */
import { randomUUID } from "node:crypto";
import { pause } from "../core/pause.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DepartedNode, NodeInfo, NodeReport, Nodes } from "../core/ports/nodes.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisLink } from "./redis-link.ts";
import { decodeNode, type KnownNode, type StoredDeparted, type StoredNode } from "./redis-node-report.ts";

const reportEveryMs = 1_000;
const leaseMs = 10_000;
const sweepLockMs = 15_000;
const lockRetryMs = 200;
const departedShownMs = 3_600_000;

interface Seen {
  readonly text: string;
  readonly atMs: number;
}

type Report = () => NodeReport;
type Sweep = Parameters<Nodes["onDeparted"]>[0];

export class RedisNodes implements Nodes {
  readonly #link: RedisLink;
  readonly #clock: Clock;
  #report: Report | null = null;
  #topics: () => readonly string[] = () => [];
  #sweep: Sweep = async () => null;
  #enterAgain: () => Promise<void> = async () => undefined;
  #known: readonly KnownNode[] = [];
  /** The known nodes without a connection to Redis: a node that was killed, long before its lease expires. */
  #unlinked: ReadonlySet<string> = new Set();
  /** The topics of other nodes. It is read for each event. */
  #topicsElsewhere: ReadonlySet<string> = new Set();
  #departed: readonly DepartedNode[] = [];
  /** The last report of each node, and when it was received. */
  #seen: ReadonlyMap<string, Seen> = new Map();
  #sequence = 0;
  readonly #sweeping = new Set<string>();
  #hasEntered = false;
  #cancel: () => void = () => undefined;

  /**
   * Create it before the roster: when Redis is back, the node must take its lease before it writes its contributions.
   */
  constructor(link: RedisLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    link.onUp(async () => {
      if (this.#report !== null) await this.#enter();
    });
  }

  get id(): string {
    return this.#link.nodeId;
  }

  async start(report: Report): Promise<void> {
    this.#report = report;
    if (this.#link.isUp) await this.#enter();
    this.#repeat();
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#report = null;
    // Another node sweeps the remaining contributions when it finds that the lease is gone.
    const lease = this.#link.keys.lease(this.id);
    await this.#link.send(lease, ["DEL", lease]).catch(ignoreUnreachable);
  }

  alive(): readonly NodeInfo[] {
    const others = this.#known.filter(({ info }) => info.id !== this.id).map(({ info }) => info);
    const mine =
      this.#report === null ? [] : [{ id: this.id, lastSeenAtMs: this.#clock.now(), ...this.#report() }];
    return [...mine, ...others].sort((one, other) => one.startedAtMs - other.startedAtMs);
  }

  departed(): readonly DepartedNode[] {
    return this.#departed;
  }

  connectionsElsewhere(appId: string): number {
    return this.#sumElsewhere(({ connections }) => connections.get(appId) ?? 0);
  }

  limitedElsewhere(appId: string, isAuthorizedOnly: boolean): number {
    return this.#sumElsewhere(({ id, isDraining, connections, unauthorized }) =>
      isDraining || this.#unlinked.has(id)
        ? 0
        : (connections.get(appId) ?? 0) - (isAuthorizedOnly ? (unauthorized.get(appId) ?? 0) : 0),
    );
  }

  messagesElsewhere(appId: string): number {
    return this.#sumElsewhere(({ messagesLastMinute }) => messagesLastMinute.get(appId) ?? 0);
  }

  onDeparted(sweep: Sweep): void {
    this.#sweep = sweep;
  }

  onSwept(enterAgain: () => Promise<void>): void {
    this.#enterAgain = enterAgain;
  }

  /** For the bus: sets the topics that this node listens to. Each report contains them. */
  provideTopics(topics: () => readonly string[]): void {
    this.#topics = topics;
  }

  /** For the bus: whether another node listens to the topic, by its latest report. */
  isListenedElsewhere(topic: string): boolean {
    return this.#topicsElsewhere.has(topic);
  }

  #sumElsewhere(of: (info: NodeInfo) => number): number {
    let sum = 0;
    for (const { info } of this.#known) if (info.id !== this.id) sum += of(info);
    return sum;
  }

  #repeat(): void {
    this.#cancel = this.#clock.after(reportEveryMs, () => {
      this.#tick()
        .catch(ignoreUnreachable)
        .finally(() => {
          if (this.#report !== null) this.#repeat();
        });
    });
  }

  async #tick(): Promise<void> {
    if (!this.#link.isUp) return;
    const wasSwept = await this.#enter();
    if (wasSwept) await this.#enterAgain();
    await this.#readNodes();
  }

  /** @returns true if this node had a lease before and it has expired */
  async #enter(): Promise<boolean> {
    const lease = this.#link.keys.lease(this.id);
    const renew = ["SET", lease, "1", "PX", String(leaseMs)];
    const wasHeld = (await this.#link.send(lease, [...renew, "XX"])) !== null;
    // A node that sweeps this one holds its lock. Contributions entered before the sweep ends would be swept, too.
    if (!wasHeld) await this.#locked(this.id, () => this.#link.send(lease, renew));
    const wasSwept = this.#hasEntered && !wasHeld;
    this.#hasEntered = true;
    await this.#sendReport();
    return wasSwept;
  }

  async #sendReport(): Promise<void> {
    if (this.#report === null) return;
    const { connections, unauthorized, messagesLastMinute, ...rest } = this.#report();
    this.#sequence += 1;
    const stored: StoredNode = {
      ...rest,
      connections: Object.fromEntries(connections),
      unauthorized: Object.fromEntries(unauthorized),
      messagesLastMinute: Object.fromEntries(messagesLastMinute),
      topics: this.#topics(),
      sequence: this.#sequence,
    };
    const { nodes } = this.#link.keys;
    await this.#link.run("report", nodes, [this.id, JSON.stringify(stored)]);
  }

  async #readNodes(): Promise<void> {
    const { keys } = this.#link;
    const all = pairs(await this.#link.send(keys.nodes, ["HGETALL", keys.nodes]));
    const leases = await Promise.all(
      all.map(([id]) => this.#link.send(keys.lease(id), ["EXISTS", keys.lease(id)])),
    );
    const links = await Promise.all(all.map(([id]) => this.#link.probe(id)));
    this.#unlinked = new Set(all.flatMap(([id], index) => (links[index] ? [] : [id])));
    this.#known = this.#decodeAll(all.filter((_, index) => leases[index] === 1));
    const others = this.#known.filter(({ info }) => info.id !== this.id);
    this.#topicsElsewhere = new Set(others.flatMap(({ topics }) => [...topics]));
    for (const [index, [id, text]] of all.entries())
      if (leases[index] === 0 && id !== this.id)
        this.#clean(id, { ...(JSON.parse(text) as StoredNode), goneAtMs: this.#clock.now() }).catch(
          ignoreUnreachable,
        );
    await this.#readDeparted();
  }

  #decodeAll(reports: readonly (readonly [id: string, text: string])[]): KnownNode[] {
    const nowMs = this.#clock.now();
    const before = this.#seen;
    this.#seen = new Map(
      reports.map(([id, text]) => {
        const seen = before.get(id);
        return [id, seen?.text === text ? seen : { text, atMs: nowMs }];
      }),
    );
    return reports.map(([id, text]) =>
      decodeNode(id, JSON.parse(text) as StoredNode, this.#seen.get(id)?.atMs ?? nowMs),
    );
  }

  /** Sweeps a departed node, unless another node is doing so. */
  async #clean(id: string, stored: StoredDeparted): Promise<void> {
    if (this.#sweeping.has(id)) return;
    this.#sweeping.add(id);
    const { keys } = this.#link;
    try {
      const isMine = await this.#tryLock(id);
      if (isMine === null) return;
      // It may have renewed its lease before the lock was taken.
      if ((await this.#link.send(keys.lease(id), ["EXISTS", keys.lease(id)])) === 0) {
        await this.#sweepOnce(id, stored);
        await this.#link.send(keys.nodes, ["HDEL", keys.nodes, id]);
      } else {
        await this.#link.send(keys.departed, ["HDEL", keys.departed, id]);
      }
      await this.#unlock(id, isMine);
    } finally {
      this.#sweeping.delete(id);
    }
  }

  /** Records when the next sweep is due before removing the report, so that another node can continue. */
  async #sweepOnce(id: string, { sweepAtMs: _, ...stored }: StoredDeparted): Promise<void> {
    const nowMs = await this.#engineNowMs();
    const aliveAtMs = stored.aliveAtMs ?? nowMs - leaseMs;
    const nextInMs = await this.#sweep(id, nowMs - aliveAtMs);
    const next = nextInMs === null ? {} : { sweepAtMs: nowMs + nextInMs };
    const { departed } = this.#link.keys;
    const text = JSON.stringify({ ...stored, aliveAtMs, ...next });
    await this.#link.send(departed, ["HSET", departed, id, text]);
  }

  async #engineNowMs(): Promise<number> {
    const [seconds, micros] = (await this.#link.send(this.#link.keys.nodes, ["TIME"])) as [string, string];
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async #readDeparted(): Promise<void> {
    const { departed } = this.#link.keys;
    const all = pairs(await this.#link.send(departed, ["HGETALL", departed])).map(
      ([id, text]) => [id, JSON.parse(text) as StoredDeparted] as const,
    );
    this.#departed = all.map(([id, stored]) => ({
      ...decodeNode(id, stored, stored.goneAtMs).info,
      goneAtMs: stored.goneAtMs,
    }));
    const waiting = all.filter(([, { sweepAtMs }]) => sweepAtMs !== undefined);
    const engineNowMs = waiting.length > 0 ? await this.#engineNowMs() : 0;
    for (const [id, stored] of waiting)
      if ((stored.sweepAtMs ?? 0) <= engineNowMs) this.#clean(id, stored).catch(ignoreUnreachable);
    const nowMs = this.#clock.now();
    const old = all.flatMap(([id, { goneAtMs, sweepAtMs }]) =>
      sweepAtMs === undefined && nowMs - goneAtMs > departedShownMs ? [id] : [],
    );
    if (old.length > 0) await this.#link.send(departed, ["HDEL", departed, ...old]);
  }

  async #locked(id: string, work: () => Promise<unknown>): Promise<void> {
    let token = await this.#tryLock(id);
    while (token === null) {
      await pause(this.#clock, lockRetryMs);
      token = await this.#tryLock(id);
    }
    await work();
    await this.#unlock(id, token);
  }

  /** Returns the token of the lock, or null if another node holds it. The lock expires if its holder dies. */
  async #tryLock(id: string): Promise<string | null> {
    const lock = this.#link.keys.sweepLock(id);
    const token = randomUUID();
    const reply = await this.#link.send(lock, ["SET", lock, token, "NX", "PX", String(sweepLockMs)]);
    return reply === null ? null : token;
  }

  async #unlock(id: string, token: string): Promise<void> {
    await this.#link.run("unlock", this.#link.keys.sweepLock(id), [token]);
  }
}

/** The fields of a hash from a Redis reply: field, value, field, value. */
function pairs(reply: unknown): [string, string][] {
  const flat = reply as string[];
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[index * 2] ?? "",
    flat[index * 2 + 1] ?? "",
  ]);
}
