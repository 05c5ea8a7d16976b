/** The stop of a server: it closes its clients with 4200, and closes slow readers. */
import { expect, test } from "bun:test";
import { connect } from "node:net";
import { request, signedPath } from "../support/net/http-request.ts";
import { until, within } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({
  isOneProcess: true,
  env: { SOKETIFY_DRAIN_GRACE_MS: "1000", SOKETIFY_DRAIN_MS: "1000" },
});
/** For a test that does much within the grace. */
const patient = useServer({ isOneProcess: true, env: { SOKETIFY_DRAIN_GRACE_MS: "5000" } });

test("SIGTERM makes the server unready first, then closes each client with 4200, and ends it with code 0", async () => {
  const { server } = stage;
  const clients = await Promise.all(Array.from({ length: 5 }, () => stage.webSocket()));
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

test("SIGTERM closes clients without WebSocket with 4200, too, and ends their open answers", async () => {
  const { server } = stage;
  const path = `${server.httpUrl}/pusher/app/${server.app.key}/1`;
  const ask = (rest: string) => fetch(`${path}/${rest}?protocol=7`, { method: "POST" });
  const stream = await ask("streaming/xhr_streaming");
  expect(await (await ask("polling1/xhr")).text()).toStartWith("o\na[");
  const poll = ask("polling1/xhr");
  // Time for the poll to reach the server.
  await request(`${server.httpUrl}/health/live`);
  const stopped = server.stop("SIGTERM");
  for (const answer of [stream, await poll]) expect(await answer.text()).toContain("\nc[4200,");
  expect(await stopped).toEqual({ code: 0, signal: null });
  await server.start();
});

test("during the grace after SIGTERM new clients are still served", async () => {
  const { server } = patient;
  const stopped = server.stop("SIGTERM");
  await until("the server to be unready", async () => {
    return (await request(`${server.httpUrl}/health/ready`)).status === 503;
  });
  const late = await patient.webSocket();
  await late.subscribe("late");
  await patient.backend().trigger("late", "still-here", {});
  await late.expect("still-here");
  expect((await late.waitForClose()).code).toBe(4200);
  await stopped;
});

/** Sends this many bytes of a publish now, and the rest on request. */
function startPublish(sentBytes: (whole: string, headBytes: number) => number) {
  const { app, port } = stage.server;
  const body = '{"name":"e","channel":"c","data":"1"}';
  const path = signedPath(app, { method: "POST", path: `/apps/${app.id}/events`, body });
  const head = `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`;
  const whole = head + body;
  const cut = sentBytes(whole, head.length);
  const tcp = connect(port, "127.0.0.1");
  let text = "";
  tcp.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => {
    tcp.on("error", () => tcp.destroy());
    tcp.on("close", () => resolve(text));
  });
  tcp.write(whole.slice(0, cut));
  return {
    finish: () => {
      tcp.write(whole.slice(cut));
      return within("the answer and the end of the connection", ended);
    },
  };
}

async function doorsClosed(): Promise<void> {
  await until("the port to be closed", () =>
    request(`${stage.server.httpUrl}/health/live`).then(
      () => false,
      () => true,
    ),
  );
}

test("publishes that were half sent at SIGTERM are answered, and a live stream receives its end", async () => {
  const { server } = stage;
  const inBody = startPublish((whole) => whole.length - 5);
  const beforeBody = startPublish((_, headBytes) => headBytes);
  const inHead = startPublish((_, headBytes) => headBytes - 20);
  const live = await fetch(`${server.httpUrl}/api/v1/apps/${server.app.id}/live`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  const lastOfStream = live.text();
  const stopped = server.stop("SIGTERM");
  await doorsClosed();
  expect(await within("the end of the stream", lastOfStream)).toContain('{"reason":"serverStopping"}');
  for (const publish of [inBody, beforeBody, inHead])
    expect(await publish.finish()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\{\}$/s);
  expect(await stopped).toEqual({ code: 0, signal: null });
  expect(server.log).not.toContain("Cut off");
  await server.start();
});

test("a request that is never sent completely is aborted at the deadline, and the server ends in order", async () => {
  const { server } = stage;
  startPublish((_, headBytes) => headBytes + 1);
  // Time for the poll to reach the server.
  await request(`${server.httpUrl}/health/live`);
  expect(await server.stop("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(server.log).toContain("Stopping timed out, so this was aborted: connections and requests");
  await server.start();
});

test("a slow reader is closed at its limit of bytes, and another client misses nothing", async () => {
  const slow = await stage.webSocket();
  const neighbour = await stage.webSocket();
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
