/** A node's connection to the engine: one link for commands and replies, one for lines. Each may break separately. */

import type { LineEnd } from "./engine-messages.ts";
import type { Random } from "./random.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { Departed } from "./sim-leases.ts";
import { SimLink } from "./sim-link.ts";
import type { SimProcess } from "./sim-process.ts";
import type { World } from "./world.ts";

const latencyMsMax = 5;
const noticeMsMax = 3;
const renewMs = 3_000;

/** The state in which a node finds the engine after a reconnect. */
export interface Return {
  /** The engine has lost its data. */
  readonly isDataLost: boolean;
  /** A link broke: messages on the lines in the meantime were missed. */
  readonly wasCut: boolean;
}

export interface UplinkEvents {
  /** The engine is unreachable: unanswered commands get no answer. */
  lost(): void;
  /** The engine is reachable, and this node holds a lease under `session`. */
  ready(how: Return): void;
  /** The leases of these sessions have expired. */
  departed(sessions: readonly Departed[]): void;
}

export class SimUplink {
  readonly lines: SimLink;
  readonly #commands: SimLink;
  readonly #id: string;
  readonly #world: World;
  readonly #random: Random;
  readonly #process: SimProcess;
  readonly #engine: SimEngine;
  #events: UplinkEvents | null = null;
  #end: LineEnd | null = null;
  #sessionCount = 0;
  #incarnation = 0;
  #brokenLinks = 0;
  #isReady = false;
  #inFlight = new Set<() => void>();

  constructor(
    id: string,
    { world, random, engine }: { readonly world: World; readonly random: Random; readonly engine: SimEngine },
    process: SimProcess,
  ) {
    this.#id = id;
    this.#world = world;
    this.#random = random;
    this.#process = process;
    this.#engine = engine;
    this.lines = new SimLink(world, random, process, latencyMsMax);
    this.#commands = new SimLink(world, random, process, latencyMsMax);
  }

  /** The session of this node's contributions. */
  get session(): string {
    return `${this.#id}#${this.#sessionCount}`;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(events: UplinkEvents, end: LineEnd): void {
    this.#events = events;
    this.#end = end;
    this.#begin({ isDataLost: false, wasCut: false });
    this.#renewLater();
  }

  /** Commands take effect in the order of the calls. Exactly one of `answer` and `lost` is called. */
  command<Reply>(ask: (engine: SimEngine) => Reply, answer: (reply: Reply) => void, lost: () => void): void {
    const giveUp = () => lost();
    this.#inFlight.add(giveUp);
    this.#commands.toEngine(() => {
      const reply = ask(this.#engine);
      this.#commands.toNode(() => {
        if (this.#inFlight.delete(giveUp)) answer(reply);
      });
    });
  }

  /** Uses the link of lines, so that the messages it causes are in order with the line. */
  onLines(ask: (engine: SimEngine) => void): void {
    this.lines.toEngine(() => ask(this.#engine));
  }

  breakLines(forMs: number): void {
    this.#break(this.lines, forMs);
  }

  breakCommands(forMs: number): void {
    this.#break(this.#commands, forMs);
  }

  /** Closes the connection permanently: the process is dead. */
  cut(): void {
    this.lines.cut();
    this.#commands.cut();
    if (this.#end !== null) this.#engine.lines.disconnected(this.#end);
  }

  #break(link: SimLink, forMs: number): void {
    if (!link.isUp) return;
    link.cut();
    if (link === this.lines && this.#end !== null) this.#engine.lines.disconnected(this.#end);
    const noticeMs = Math.min(forMs, this.#random.between(0, noticeMsMax));
    this.#world.after(noticeMs, () =>
      this.#process.run(() => {
        this.#brokenLinks += 1;
        this.#isReady = false;
        // Replies still arrive if only the lines are broken.
        if (link === this.#commands) for (const giveUp of this.#takeInFlight()) giveUp();
        this.#events?.lost();
      }),
    );
    this.#world.after(forMs, () => {
      link.restore();
      this.#process.run(() => {
        this.#brokenLinks -= 1;
        if (this.#brokenLinks === 0) this.#return({ wasCut: true });
      });
    });
  }

  #takeInFlight(): (() => void)[] {
    const taken = [...this.#inFlight];
    this.#inFlight.clear();
    return taken;
  }

  #return({ wasCut }: { readonly wasCut: boolean }): void {
    this.command(
      (engine) => engine.leases.renew(this.session),
      ({ wasGone, incarnation }) => {
        const how = { wasCut, isDataLost: incarnation !== this.#incarnation };
        if (wasGone) this.#begin(how);
        else this.#ready(how, incarnation);
      },
      () => undefined,
    );
  }

  #begin(how: Return): void {
    this.#sessionCount += 1;
    this.command(
      (engine) => engine.leases.begin(this.session),
      (incarnation) => this.#ready(how, incarnation),
      () => undefined,
    );
  }

  #ready(how: Return, incarnation: number): void {
    if (this.#brokenLinks > 0) return;
    this.#incarnation = incarnation;
    this.#isReady = true;
    this.#events?.ready(how);
  }

  #renewLater(): void {
    this.#world.after(renewMs, () =>
      this.#process.run(() => {
        if (this.#isReady) this.#renew();
        this.#renewLater();
      }),
    );
  }

  #renew(): void {
    this.command(
      (engine) => engine.leases.renew(this.session),
      ({ wasGone, departed, incarnation }) => {
        if (wasGone && this.#isReady)
          this.#begin({ wasCut: false, isDataLost: incarnation !== this.#incarnation });
        this.#events?.departed(departed);
      },
      () => undefined,
    );
  }
}
