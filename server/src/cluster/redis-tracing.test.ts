import { expect, test } from "bun:test";
import { tracingChannel } from "node:diagnostics_channel";
import { completeTracingChannels } from "./redis-tracing.ts";

test("a tracing channel says whether anybody listens to one of its events", () => {
  completeTracingChannels();
  const channel = tracingChannel("soketify-test");
  const listener = () => undefined;
  expect(channel.hasSubscribers).toBe(false);
  for (const event of ["start", "end", "asyncStart", "asyncEnd", "error"] as const) {
    channel[event].subscribe(listener);
    expect([event, channel.hasSubscribers]).toEqual([event, true]);
    channel[event].unsubscribe(listener);
    expect([event, channel.hasSubscribers]).toEqual([event, false]);
  }
});
