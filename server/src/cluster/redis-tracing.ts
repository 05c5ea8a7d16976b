/**
 * Node's tracing channels say whether anybody listens; Bun's do not, so the Redis library would trace each command for
 * nobody, which costs a publish a CPU-µs.
 */
import { type Channel, tracingChannel } from "node:diagnostics_channel";

type Events = { readonly [event in "start" | "end" | "asyncStart" | "asyncEnd" | "error"]: Channel };

/** Adds the property `hasSubscribers` of Node to the tracing channels of the runtime, if they lack it. */
export function completeTracingChannels(): void {
  const prototype = Object.getPrototypeOf(tracingChannel("soketify"));
  if ("hasSubscribers" in prototype) return;
  Object.defineProperty(prototype, "hasSubscribers", {
    get(this: Events): boolean {
      const { start, end, asyncStart, asyncEnd, error } = this;
      return [start, end, asyncStart, asyncEnd, error].some((channel) => channel.hasSubscribers);
    },
  });
}
