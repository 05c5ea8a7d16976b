/** The node list of a single node. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../core/ports/clock.ts";
import type { NodeInfo, NodeReport, Nodes } from "../core/ports/nodes.ts";

export class MemoryNodes implements Nodes {
  readonly id = randomUUID();
  readonly #clock: Pick<Clock, "now">;
  #report: (() => NodeReport) | null = null;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  async start(report: () => NodeReport): Promise<void> {
    this.#report = report;
  }

  async stop(): Promise<void> {
    this.#report = null;
  }

  alive(): readonly NodeInfo[] {
    return this.#report === null ? [] : [{ id: this.id, lastSeenAtMs: this.#clock.now(), ...this.#report() }];
  }

  departed(): readonly never[] {
    return [];
  }

  connectionsElsewhere(): number {
    return 0;
  }

  limitedElsewhere(): number {
    return 0;
  }

  messagesElsewhere(): number {
    return 0;
  }

  onDeparted(): void {
    // There is no other node.
  }

  onSwept(): void {
    // No other node can sweep this one.
  }
}
