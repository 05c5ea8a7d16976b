/** The faults of a run: nodes die or are paused, links break, the engine becomes unreachable or loses its data. */
import type { Random } from "./random.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

/** The time in which clients act and faults begin. */
export const spanMs = 400;
/** Its members stay for the grace of the run. */
export const gracedChannel = "presence-b";
const sweptWithinMs = 15_000;

export interface Trouble {
  /** The chosen faults, for the message of a failed run. */
  readonly names: readonly string[];
  /** A node died, or its link of commands broke: replies of the engine may be lost. */
  readonly mayLoseReplies: boolean;
  /** Lines broke: events of channels without history may be missed. */
  readonly mayMissEvents: boolean;
  /** The engine lost its data: the changes that it reports may differ from the actual ones. */
  readonly isDataLost: boolean;
  /** The engine was unreachable or a node died: messages of the bus may be lost. */
  readonly mayLoseOrders: boolean;
  /** Contributions of a dead node that still exist after they should have been swept. */
  readonly ghosts: string[];
}

interface Simulation {
  readonly world: World;
  readonly engine: SimEngine;
  readonly nodes: readonly SimNode[];
  readonly graceMs: number;
}

type Kind = "death" | "pause" | "lines" | "commands" | "away" | "dataLoss" | "flush";

/** One kind of fault, or several together. */
const plans: readonly [readonly Kind[], ...(readonly Kind[])[]] = [
  ["death"],
  ["pause"],
  ["lines"],
  ["commands"],
  ["away"],
  ["dataLoss"],
  ["flush"],
  ["death", "pause", "lines", "commands", "away"],
];

/** Half of all runs have no faults. */
export function planTrouble(simulation: Simulation, random: Random): Trouble {
  const plan = random.chance(0.5) ? [] : random.pick(plans);
  const names = plan.filter(() => plan.length === 1 || random.chance(0.5));
  const ghosts: string[] = [];
  for (const name of names) {
    const atMs = simulation.world.startMs + random.between(30, spanMs);
    simulation.world.at(atMs, () => start(name, simulation, random, ghosts));
  }
  const has = (...kinds: Kind[]) => names.some((name) => kinds.includes(name));
  return {
    names,
    ghosts,
    mayLoseReplies: has("death", "commands", "away", "dataLoss"),
    mayMissEvents: has("lines", "commands", "away", "dataLoss"),
    isDataLost: has("dataLoss", "flush"),
    mayLoseOrders: has("death", "lines", "commands", "away", "dataLoss", "flush"),
  };
}

function start(kind: Kind, simulation: Simulation, random: Random, ghosts: string[]): void {
  const { world, engine, nodes } = simulation;
  const running = nodes.filter(({ process }) => process.isRunning);
  const node = random.pickAny(running);
  if (node === undefined) return;
  switch (kind) {
    case "death":
      if (running.length > 1) die(node, simulation, ghosts);
      return;
    case "pause":
      node.process.pause();
      node.wasPaused = true;
      // Sometimes long enough that its lease expires.
      world.after(random.chance(0.5) ? random.between(5, 300) : random.between(9_000, 15_000), () =>
        node.process.resume(),
      );
      return;
    case "lines":
      node.suppliers.uplink.breakLines(random.between(1, 300));
      return;
    case "commands":
      node.suppliers.uplink.breakCommands(random.between(1, 300));
      return;
    case "away":
    case "dataLoss": {
      // Sometimes long enough that all leases expire.
      const forMs = random.chance(0.7) ? random.between(5, 500) : random.between(9_000, 12_000);
      for (const { suppliers } of nodes) {
        suppliers.uplink.breakLines(forMs);
        suppliers.uplink.breakCommands(forMs);
      }
      if (kind === "dataLoss") world.after(forMs / 2, () => engine.loseEverything());
      return;
    }
    case "flush":
      engine.loseEverything();
      return;
    default:
      kind satisfies never;
  }
}

function die(node: SimNode, { world, engine, graceMs }: Simulation, ghosts: string[]): void {
  const { session } = node.suppliers.uplink;
  node.die();
  const checkSwept = (isOver: boolean) => () => {
    const { channels, users } = engine.leftBy(session);
    for (const { channel } of channels)
      if (isOver || channel !== gracedChannel) ghosts.push(`${session} in ${channel}`);
    if (isOver) for (const user of users) ghosts.push(`${session} as ${user}`);
  };
  world.after(sweptWithinMs, checkSwept(graceMs === 0));
  world.after(sweptWithinMs + graceMs, checkSwept(true));
}
