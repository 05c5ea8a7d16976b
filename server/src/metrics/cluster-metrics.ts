/** Prometheus metrics of a node among others. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { ClusterFigures } from "../core/cluster-figures.ts";

export interface ClusterMetricsNeeds {
  readonly figures: () => ClusterFigures;
  /** Nodes that are alive, this one included. */
  readonly nodeCount: () => number;
}

const counterHelp = {
  busIn: ["bus_received_total", "Messages, questions and answers received from other nodes"],
  busOut: ["bus_sent_total", "Messages, questions and answers sent to other nodes"],
  linesIn: ["broker_received_total", "Entries received on the lines of channels"],
  linesOut: ["broker_published_total", "Events published to the lines of channels"],
  ignored: ["ignored_total", "Messages and entries of an unknown version or type"],
  gaps: ["gaps_total", "Breaks of the lines, in which channels without history may have missed events"],
} as const satisfies { readonly [Name in keyof ClusterFigures]?: readonly [name: string, help: string] };

export function addClusterMetrics(register: Registry, { figures, nodeCount }: ClusterMetricsNeeds): void {
  const registers = [register];
  for (const key of Object.keys(counterHelp) as (keyof typeof counterHelp)[]) {
    const [name, help] = counterHelp[key];
    new Counter({
      name: `soketify_cluster_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(figures()[key]);
      },
    });
  }
  new Gauge({
    name: "soketify_cluster_nodes",
    help: "Nodes that are alive, this one included",
    registers,
    collect() {
      this.set(nodeCount());
    },
  });
  new Gauge({
    name: "soketify_cluster_round_trip_seconds",
    help: "Time from a command to Redis to its answer; without a value while Redis is unreachable",
    registers,
    collect() {
      const { roundTripMs } = figures();
      this.reset();
      if (roundTripMs === null) this.remove();
      else this.set(roundTripMs / 1_000);
    },
  });
}
