/** How much of the machine's CPU time other processes took, so that a disturbed figure can be marked. */
import { readFileSync } from "node:fs";

export interface MachineTime {
  /** CPU time of all processes, in microseconds. */
  readonly busyMicros: number;
  /** Time that the hypervisor gave to other virtual machines. */
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

/** The share of one core that other processes took between two readings; the benchmark itself used `ownMicros`. */
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
