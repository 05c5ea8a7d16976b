/** How much of the machine's CPU time went to something else than the benchmark: a figure taken beside a busy neighbour says so. */
import { readFileSync } from "node:fs";

export interface MachineTime {
  /** CPU time of all processes, in microseconds. */
  readonly busyMicros: number;
  /** Time that the hypervisor gave to other machines. */
  readonly stolenMicros: number;
}

const microsPerTick = 10_000;

export function machineTime(): MachineTime {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    /^cpu +(.*)/.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return {
    busyMicros: (user + nice + system + irq + softIrq) * microsPerTick,
    stolenMicros: steal * microsPerTick,
  };
}

/** The share of one core that others took between two readings, in which the benchmark used `ownMicros`. */
export function foreignShare(
  before: MachineTime,
  after: MachineTime,
  ownMicros: number,
  seconds: number,
): number {
  const foreign = after.busyMicros - before.busyMicros - ownMicros;
  const stolen = after.stolenMicros - before.stolenMicros;
  return Math.max(0, foreign + stolen) / 1e6 / seconds;
}
