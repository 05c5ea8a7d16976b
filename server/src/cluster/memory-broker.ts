/** The broker of a node that is alone: an event is delivered within the call that publishes it. */
import type { Broker, Published } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type {
  CatchUp,
  HistoryBounds,
  HistoryPage,
  HistoryQuery,
  JoinedHistory,
} from "../core/ports/history.ts";
import type { LineEvent, LineListener } from "../core/ports/line.ts";
import { type HistoryLimits, MemoryHistory } from "./memory-history.ts";

const sequenced: Published = { outcome: "sequenced", position: null };

export class MemoryBroker implements Broker {
  readonly problem = null;
  readonly #history: MemoryHistory;
  #line: LineListener | null = null;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#history = new MemoryHistory(clock, limits);
  }

  listen(listener: LineListener): void {
    this.#line = listener;
  }

  /** Where the roster of this node puts its entries. */
  get line(): LineListener {
    if (this.#line === null) throw new Error("The broker was used before anybody listened to its lines");
    return this.#line;
  }

  publish(appId: string, channel: string, event: LineEvent, bounds: HistoryBounds | null): Published {
    if (bounds === null) {
      this.line.event(appId, channel, event, null);
      return sequenced;
    }
    const position = this.#history.append(appId, channel, event, bounds);
    this.line.event(appId, channel, event, position);
    return { outcome: "sequenced", position };
  }

  follow(): undefined {
    // Every line of a node that is alone ends here.
  }

  unfollow(): void {
    // As above.
  }

  async history(
    appId: string,
    channel: string,
    bounds: HistoryBounds,
    query: HistoryQuery,
  ): Promise<HistoryPage> {
    return this.#history.read(appId, channel, bounds, query);
  }

  /** For the roster: where a joiner stands in the history now. */
  joinHistory(appId: string, channel: string, bounds: HistoryBounds, catchUp: CatchUp | null): JoinedHistory {
    return this.#history.join(appId, channel, bounds, catchUp);
  }

  onGap(): void {
    // A line inside one process does not break.
  }
}
