/** The broker of a node in the simulation. */
import { type Broker, EngineUnreachable, type LineGap, type Published } from "../../src/core/ports/broker.ts";
import type { HistoryBounds, HistoryPage } from "../../src/core/ports/history.ts";
import type { LineEvent, LineListener, Pending } from "../../src/core/ports/line.ts";
import type { LineMessage } from "./engine-messages.ts";
import type { SimChannel } from "./sim-channel.ts";
import type { SimLines } from "./sim-lines.ts";
import type { SimUplink } from "./sim-uplink.ts";

export type LossPolicy = "local" | "refuse";

export class SimBroker implements Broker {
  readonly #id: string;
  readonly #uplink: SimUplink;
  readonly #lines: SimLines;
  readonly #policy: LossPolicy;
  readonly #findChannel: (line: string) => SimChannel | null;
  #listener: LineListener | null = null;
  #publishes = 0;
  /** Ids of events that this node delivered without the engine's order. */
  readonly alone = new Set<string>();
  /** Published events that have not arrived on the line yet: the engine may have them. */
  readonly #underWay = new Map<string, () => number>();

  constructor(
    id: string,
    { uplink, lines }: { readonly uplink: SimUplink; readonly lines: SimLines },
    policy: LossPolicy,
    findChannel: (line: string) => SimChannel | null,
  ) {
    this.#id = id;
    this.#uplink = uplink;
    this.#lines = lines;
    this.#policy = policy;
    this.#findChannel = findChannel;
  }

  get listener(): LineListener {
    if (this.#listener === null) throw new Error("Nobody listens to the lines");
    return this.#listener;
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
  }

  publish(
    appId: string,
    channel: string,
    event: LineEvent,
    bounds: HistoryBounds | null,
  ): Promise<Published> {
    const line = `${appId}/${channel}`;
    this.#publishes += 1;
    const id = idOf(event) ?? `${this.#id}:${this.#publishes}`;
    const deliverAlone = () => {
      const recipients = this.listener.event(appId, channel, event, null);
      this.alone.add(id);
      this.#findChannel(line)?.deliveredIds.add(id);
      return recipients;
    };
    if (!this.#uplink.isReady) {
      if (this.#policy === "refuse")
        return Promise.reject(new EngineUnreachable("The engine is unreachable"));
      return Promise.resolve({ outcome: "local", recipients: deliverAlone() });
    }
    return new Promise((resolve, reject) => {
      this.#underWay.set(id, deliverAlone);
      this.#uplink.command(
        (engine) => engine.publish({ appId, channel }, id, event, keptLonger(bounds)),
        (position) => {
          this.#underWay.delete(id);
          resolve({ outcome: "sequenced", position, recipients: null });
        },
        () => {
          // It may have arrived on the line already, or may arrive later.
          const deliver = this.#underWay.get(id);
          this.#underWay.delete(id);
          if (this.#policy === "refuse")
            return reject(new EngineUnreachable("The engine became unreachable"));
          resolve({ outcome: "local", recipients: deliver?.() ?? 0 });
        },
      );
    });
  }

  follow(appId: string, channel: string): Pending {
    let isDone = false;
    let settle = () => {
      isDone = true;
    };
    this.#lines.follow(`${appId}/${channel}`, () => settle());
    if (isDone) return undefined;
    return new Promise((resolve) => {
      settle = resolve;
    });
  }

  unfollow(appId: string, channel: string): void {
    this.#lines.unfollow(`${appId}/${channel}`);
  }

  async history(): Promise<HistoryPage> {
    throw new Error("Nobody reads a history in the simulation");
  }

  onGap(_listener: (gap: LineGap) => void): void {
    // The run records lost lines by itself.
  }

  get problem(): string | null {
    return this.#uplink.isReady ? null : "The engine is unreachable";
  }

  /** An event arrived on a line. If the line belongs to no roster, this passes it to the listener. */
  received(line: string, { id, event, position }: LineMessage & { readonly type: "event" }): void {
    this.#underWay.delete(id);
    if (this.#findChannel(line) !== null || this.alone.has(id)) return;
    const slash = line.indexOf("/");
    this.listener.event(line.slice(0, slash), line.slice(slash + 1), event, position);
  }
}

/** Bounds that suffice to recover after every lost connection: the actions request only the last event. */
export function keptLonger(bounds: HistoryBounds | null): HistoryBounds | null {
  return bounds === null ? null : { ...bounds, eventsMax: 1_000 };
}

/** The id that the run put into the event's data. The engine's log contains these ids. */
function idOf({ frame }: LineEvent): string | null {
  const { data } = JSON.parse(frame);
  return typeof data === "string" ? data : null;
}
