/** The end of a server: it says goodbye to its clients, and closes readers that do not read. */
import { expect, test } from "bun:test";
import { request } from "../support/http-request.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ env: { SOKETIFY_DRAIN_GRACE_MS: "1000", SOKETIFY_DRAIN_MS: "1000" } });

test("SIGTERM makes the server unready first, then sends each client 4200, and ends it with code 0", async () => {
  const { server } = stage;
  const clients = await Promise.all(Array.from({ length: 5 }, () => stage.raw()));
  await clients[0]?.subscribe("farewell");
  const stopped = server.stop("SIGTERM");
  await until("the server to be unready", async () => {
    const answer = await request(`${server.httpUrl}/health/ready`).catch(() => null);
    return answer === null || answer.status === 503;
  });
  for (const client of clients) {
    const { code } = await client.waitForClose();
    expect(code).toBe(4200);
  }
  expect(await stopped).toEqual({ code: 0, signal: null });
  await server.start();
});

test("during the grace after SIGTERM new clients are still served", async () => {
  const { server } = stage;
  const stopped = server.stop("SIGTERM");
  await until("the server to be unready", async () => {
    return (await request(`${server.httpUrl}/health/ready`)).status === 503;
  });
  const late = await stage.raw();
  await late.subscribe("late");
  await stage.backend().trigger("late", "still-here", {});
  await late.expect("still-here");
  expect((await late.waitForClose()).code).toBe(4200);
  await stopped;
  await server.start();
});

test("a reader that does not read is closed at its byte cap, its neighbour misses nothing", async () => {
  const slow = await stage.raw();
  const neighbour = await stage.raw();
  await slow.subscribe("flood");
  await neighbour.subscribe("flood");
  slow.tcp.pause();
  const data = "x".repeat(10_000);
  let sent = 0;
  const backend = stage.backend();
  await until("the slow reader to be closed", async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => backend.trigger("flood", "drop", { n: sent++, data })),
    );
    const { text } = await request(`${stage.server.httpUrl}/metrics`);
    return /^soketify_slow_readers_closed_total 1$/m.test(text);
  });
  for (let n = 0; n < sent; n++) await neighbour.expect("drop");
  await neighbour.expectNothingMore();
  slow.tcp.resume();
  await slow.waitForClose();
});
