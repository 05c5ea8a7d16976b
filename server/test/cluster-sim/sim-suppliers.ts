/** The ports of one node over the simulated engine, connected like in the composition root. */
import { MemoryNodes } from "../../src/cluster/memory-nodes.ts";
import type { ClusterBus } from "../../src/core/ports/cluster-bus.ts";
import type { Nodes } from "../../src/core/ports/nodes.ts";
import type { GraceOf } from "../../src/core/ports/roster.ts";
import { busLine, type LineMessage } from "./engine-messages.ts";
import type { Random } from "./random.ts";
import { type LossPolicy, SimBroker } from "./sim-broker.ts";
import { SimBus } from "./sim-bus.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { Departed } from "./sim-leases.ts";
import { SimLines } from "./sim-lines.ts";
import type { SimProcess } from "./sim-process.ts";
import { SimRoster } from "./sim-roster.ts";
import { type Return, SimUplink } from "./sim-uplink.ts";
import type { World } from "./world.ts";

const sweepLockMs = 5_000;

export interface SimSuppliers {
  readonly broker: SimBroker;
  readonly roster: SimRoster;
  readonly bus: ClusterBus;
  /** Not used: no run has a limit of connections. */
  readonly nodes: Nodes;
  readonly uplink: SimUplink;
  readonly lines: SimLines;
  readonly start: (onReturn: () => void) => void;
}

export function createSimSuppliers(
  id: string,
  shared: { readonly world: World; readonly random: Random; readonly engine: SimEngine },
  process: SimProcess,
  { policy, graceOf }: { readonly policy: LossPolicy; readonly graceOf: GraceOf },
): SimSuppliers {
  const uplink = new SimUplink(id, shared, process);
  const lines = new SimLines(uplink, process);
  const parts = { uplink, lines, process };
  const broker: SimBroker = new SimBroker(id, parts, policy, (line) => roster.find(line));
  const bus = new SimBus(id, uplink);
  const roster: SimRoster = new SimRoster(shared.engine, parts, () => broker.listener, graceOf);
  function receive(line: string, message: LineMessage): void {
    if (message.type === "bus") {
      if (message.from !== id) bus.receive(message.message, shared.world.now());
    } else {
      if (message.type === "event") broker.received(line, message);
      roster.receive(line, message);
    }
  }

  function sweep({ session, goneMs }: Departed): void {
    uplink.command(
      (engine) => engine.leases.lock(`sweep ${session}`, sweepLockMs),
      // If this fails, the next node that renews a lease tries again.
      (isLocked) => void (isLocked && roster.sweep(session, goneMs).catch(() => undefined)),
      () => undefined,
    );
  }

  return {
    broker,
    roster,
    uplink,
    lines,
    nodes: new MemoryNodes(shared.world),
    bus,
    start(onReturn) {
      lines.listen(receive, (line) => roster.followed(line));
      lines.follow(busLine, () => undefined);
      const lost = () => {
        lines.lost();
        roster.lost();
      };
      const ready = (how: Return) => {
        // Only its own lease had expired: it has missed no message, but others have swept it.
        if (isStarted && !how.wasCut && !how.isDataLost) void roster.enterAgain();
        else {
          roster.ready(how);
          lines.ready();
        }
        if (isStarted) onReturn();
        isStarted = true;
      };
      let isStarted = false;
      uplink.start({ lost, ready, departed: (all) => all.forEach(sweep) }, lines);
    },
  };
}
