/** The node list of a single node. */
import { randomUUID } from "node:crypto";
import type { NodeInfo, NodeReport, Nodes } from "../core/ports/nodes.ts";

export class MemoryNodes implements Nodes {
  readonly id = randomUUID();
  #report: (() => NodeReport) | null = null;

  async start(report: () => NodeReport): Promise<void> {
    this.#report = report;
  }

  async stop(): Promise<void> {
    this.#report = null;
  }

  alive(): readonly NodeInfo[] {
    return this.#report === null ? [] : [{ id: this.id, ...this.#report() }];
  }

  departed(): readonly never[] {
    return [];
  }

  connectionsElsewhere(): number {
    return 0;
  }

  onDeparted(): void {
    // There is no other node.
  }

  onSwept(): void {
    // No other node can sweep this one.
  }
}
