/** The configuration of one worker: its share of the limits of `soketify start --workers N`. */
import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";

/** @param index of the worker, from 0 */
export function workerConfig(config: Config, index: number): Config {
  const { workers, nodeName, drainMs, drainGraceMs, metricsPort } = config;
  const shareOfDrainMs = Math.floor(drainMs / workers);
  return {
    ...config,
    nodeName: `${nodeName ?? hostname()}-${index + 1}`,
    // Each worker has metrics of its own, so each needs its own port. With port 0 each has any free port.
    metricsPort: metricsPort === null || metricsPort === 0 ? metricsPort : metricsPort + index,
    // All workers become unready together, then close their connections one after another within the time of one
    // server.
    drainGraceMs: drainGraceMs + index * shareOfDrainMs,
    drainMs: shareOfDrainMs,
    memoryBytesMax: Math.floor(config.memoryBytesMax / workers),
    subscriptionBytesMax: Math.floor(config.subscriptionBytesMax / workers),
    subscriptionBytesPerAppMax: Math.floor(config.subscriptionBytesPerAppMax / workers),
  };
}
