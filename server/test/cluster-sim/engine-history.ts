/** The histories of the simulated engine, with the ids of their events, which the invariants use. */
import { MemoryHistory } from "../../src/cluster/memory-history.ts";
import type {
  CatchUp,
  HistoryBounds,
  JoinedHistory,
  KeptEvent,
  Position,
} from "../../src/core/ports/history.ts";
import type { LineEvent } from "../../src/core/ports/line.ts";
import type { JoinRequest } from "../../src/core/ports/roster.ts";
import type { EngineChannel } from "./engine-channel.ts";
import type { World } from "./world.ts";

const limits = { perChannel: 1_000_000, perApp: 10_000_000, inAll: 10_000_000 };

type ChannelName = Pick<EngineChannel, "appId" | "channel">;

export class EngineHistory {
  readonly #memory: MemoryHistory;
  readonly #ids = new Map<string, string>();

  constructor(world: World) {
    this.#memory = new MemoryHistory(world, limits);
  }

  append(name: ChannelName, id: string, event: LineEvent, bounds: HistoryBounds): Position | null {
    const position = this.#memory.append(name.appId, name.channel, event, bounds);
    if (position !== null) this.#ids.set(idKey(name, position), id);
    return position;
  }

  read({ appId, channel }: ChannelName, bounds: HistoryBounds, catchUp: CatchUp | null): JoinedHistory {
    return this.#memory.join(appId, channel, bounds, catchUp);
  }

  /** The history for a join. Records a miss in the channel. */
  join(channel: EngineChannel, { bounds, catchUp }: JoinRequest): JoinedHistory | null {
    if (bounds === null) return null;
    const history = this.read(channel, bounds, catchUp);
    if (history.outcome !== "whole" || catchUp?.type !== "rewind" || history.events.length > 0)
      return history;
    const { position } = history;
    const isFirstMiss =
      channel.missedAt?.epoch !== position.epoch || channel.missedAt.offset !== position.offset;
    channel.missedAt = position;
    return { ...history, isFirstMiss };
  }

  idOf(name: ChannelName, history: JoinedHistory | null, { offset }: KeptEvent): string {
    const epoch = history?.outcome === "whole" ? history.position.epoch : "";
    return this.#ids.get(idKey(name, { epoch, offset })) ?? "";
  }
}

function idKey({ appId, channel }: ChannelName, { epoch, offset }: Position): string {
  return `${appId}/${channel} ${epoch} ${offset}`;
}
