/** Delays frames of busy topics for some milliseconds, so that one write to each socket carries several frames. */
import type { AppRegistry } from "./apps/app-registry.ts";
import type { Socket } from "./connection.ts";
import type { HoldingTopics, Topics } from "./hub.ts";
import { ByteBudget, type ByteLimits } from "./limits/byte-budget.ts";
import type { Clock } from "./ports/clock.ts";

/**
 * A topic is quiet if no frame was sent to it in the last `holdMs`: its next frame is sent immediately. On a busy
 * topic a frame waits for the rest of that time. All waiting frames of an app are sent in one turn of the event loop,
 * in their order, and no other frame of the app overtakes them. So subscribers receive the same frames in the same
 * order as without the delay.
 */
export class HeldTopics implements HoldingTopics {
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #registry: AppRegistry;
  readonly #budget: ByteBudget;
  /** The apps that sent a frame recently. */
  readonly #apps = new Map<string, AppHold>();
  #tick: { readonly atMs: number; readonly cancel: () => void } | null = null;

  /** If the waiting bytes would exceed `limits`, all waiting frames of the app are sent immediately. */
  constructor(
    topics: Topics,
    { registry, clock }: { readonly registry: AppRegistry; readonly clock: Clock },
    limits: ByteLimits,
  ) {
    this.#topics = topics;
    this.#registry = registry;
    this.#clock = clock;
    this.#budget = new ByteBudget(limits);
  }

  enter(appId: string, topic: string, socket: Socket): void {
    this.#releaseTopic(appId, topic);
    this.#topics.enter(appId, topic, socket);
  }

  leave(appId: string, topic: string, socket: Socket): void {
    this.#releaseTopic(appId, topic);
    this.#topics.leave(appId, topic, socket);
  }

  publish(appId: string, topic: string, frame: string, except: Socket | null): void {
    const holdMs = this.#holdMsOf(appId);
    if (holdMs === 0) this.release(appId);
    else if (this.#holds(appId, { topic, frame, except }, holdMs)) return;
    this.#topics.publish(appId, topic, frame, except);
  }

  subscriberCount(appId: string, topic: string): number {
    return this.#topics.subscriberCount(appId, topic);
  }

  release(appId: string): void {
    const app = this.#apps.get(appId);
    if (app !== undefined) this.#send(appId, app, this.#clock.now());
  }

  /** Sends the waiting frames of the app if the topic has any. */
  #releaseTopic(appId: string, topic: string): void {
    const app = this.#apps.get(appId);
    if (app?.isHolding(topic)) this.#send(appId, app, this.#clock.now());
  }

  /** Returns true if the frame was stored to be sent later. If false, all earlier frames of the app have been sent. */
  #holds(appId: string, held: HeldFrame, holdMs: number): boolean {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      app = new AppHold(appId);
      this.#apps.set(appId, app);
    }
    const nowMs = this.#clock.now();
    const quietFromMs = app.quietFrom(held.topic, nowMs, holdMs);
    this.#tickBy(quietFromMs ?? nowMs + holdMs, nowMs);
    if (quietFromMs === null) {
      this.#send(appId, app, nowMs);
      app.recordSent(held.topic, nowMs);
      return false;
    }
    app.hold(held);
    if (!this.#budget.take(appId, Buffer.byteLength(held.frame))) this.#send(appId, app, nowMs);
    return true;
  }

  #send(appId: string, app: AppHold, nowMs: number): void {
    this.#budget.give(appId, this.#budget.of(appId));
    app.send(this.#topics, nowMs);
  }

  #holdMsOf(appId: string): number {
    return this.#registry.byId(appId)?.settings.eventHoldMsMax ?? 0;
  }

  /** One timer serves all apps and topics. */
  #tickBy(atMs: number, nowMs: number): void {
    if (this.#tick !== null && this.#tick.atMs <= atMs) return;
    this.#tick?.cancel();
    this.#tick = { atMs, cancel: this.#clock.after(atMs - nowMs, () => this.#onTick()) };
  }

  #onTick(): void {
    this.#tick = null;
    const nowMs = this.#clock.now();
    for (const [appId, app] of this.#apps) {
      this.#send(appId, app, nowMs);
      const holdMs = this.#holdMsOf(appId);
      if (app.forgetQuiet(nowMs, holdMs)) this.#apps.delete(appId);
      else this.#tickBy(nowMs + holdMs, nowMs);
    }
  }
}

interface HeldFrame {
  readonly topic: string;
  readonly frame: string;
  readonly except: Socket | null;
}

class AppHold {
  readonly #appId: string;
  /** The waiting frames, in order, and their topics. */
  #frames: HeldFrame[] = [];
  readonly #holding = new Set<string>();
  /** When a frame was last sent to each topic, oldest first. */
  readonly #sentAtMs = new Map<string, number>();

  constructor(appId: string) {
    this.#appId = appId;
  }

  isHolding(topic: string): boolean {
    return this.#holding.has(topic);
  }

  hold(held: HeldFrame): void {
    this.#frames.push(held);
    this.#holding.add(held.topic);
  }

  send(topics: Topics, nowMs: number): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    for (const topic of this.#holding) this.recordSent(topic, nowMs);
    this.#frames = [];
    this.#holding.clear();
    for (const { topic, frame, except } of frames) topics.publish(this.#appId, topic, frame, except);
  }

  recordSent(topic: string, nowMs: number): void {
    this.#sentAtMs.delete(topic);
    this.#sentAtMs.set(topic, nowMs);
  }

  /** When the next frame may be sent to the topic; null: now. */
  quietFrom(topic: string, nowMs: number, holdMs: number): number | null {
    const sentAtMs = this.#sentAtMs.get(topic);
    return sentAtMs !== undefined && isRecent(sentAtMs, nowMs, holdMs) ? sentAtMs + holdMs : null;
  }

  /** Removes quiet topics. Returns whether no busy topic is left. */
  forgetQuiet(nowMs: number, holdMs: number): boolean {
    for (const [topic, sentAtMs] of this.#sentAtMs) {
      if (isRecent(sentAtMs, nowMs, holdMs)) return false;
      this.#sentAtMs.delete(topic);
    }
    return true;
  }
}

/** False if the clock was set back, so that no frame waits until it has caught up. */
function isRecent(sentAtMs: number, nowMs: number, holdMs: number): boolean {
  return nowMs >= sentAtMs && nowMs - sentAtMs < holdMs;
}
