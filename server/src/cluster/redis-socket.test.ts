import { afterEach, expect, test } from "bun:test";
import type { Socket } from "bun";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { freePort } from "../../test/support/net/free-port.ts";
import { until } from "../../test/support/until.ts";
import { RedisSocket } from "./redis-socket.ts";
import { ErrorReply, encodeCommand } from "./resp.ts";

const clock = new FakeClock();
const opened: { stop(): void }[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.stop();
});

/** A server that answers nothing by itself, and records each received piece. */
function listen(onBytes: (socket: Socket, bytes: Buffer) => void = () => undefined) {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void sockets.push(socket),
      data(socket, bytes) {
        received.push(bytes);
        onBytes(socket, bytes);
      },
    },
  });
  opened.push({ stop: () => server.stop(true) });
  return { port: server.port, received, sockets };
}

function socketTo(port: number, isTls = false) {
  const lines: [string, string][] = [];
  const losses: Error[] = [];
  const socket = new RedisSocket({ host: "127.0.0.1", port }, isTls, {
    onLine: (message, name) => void lines.push([name, message]),
    lost: (error) => void losses.push(error),
  });
  opened.push({ stop: () => socket.close() });
  return { socket, lines, losses };
}

async function connected(onBytes?: (socket: Socket, bytes: Buffer) => void) {
  const server = listen(onBytes);
  const client = socketTo(server.port);
  await client.socket.connect(clock);
  return { ...client, server };
}

function say(server: { readonly sockets: readonly Socket[] }, text: string): void {
  server.sockets[0]?.write(text);
}

test("commands of one turn are sent in one write, and each gets its own reply", async () => {
  const { socket, server } = await connected(
    (one) => void one.write("+PONG\r\n-ERR unknown\r\n*1\r\n:3\r\n"),
  );
  const commands = [["PING"], ["NO"], ["LIST"]];
  const replies = await Promise.allSettled(commands.map((args) => socket.send(args)));
  expect(server.received.map(String)).toEqual([commands.map(encodeCommand).join("")]);
  expect(replies).toEqual([
    { status: "fulfilled", value: "PONG" },
    { status: "rejected", reason: new ErrorReply("ERR unknown") },
    { status: "fulfilled", value: [3] },
  ]);
});

test("what the server does not read at once is sent later, whole and in order", async () => {
  const { socket, server } = await connected((one, bytes) => {
    if (bytes.includes("END")) one.write("+a\r\n+b\r\n+c\r\n");
  });
  server.sockets[0]?.pause();
  const large = "ä€😀".repeat(2_000_000);
  const replies = [socket.send(["FIRST", large])];
  await new Promise((resolve) => setImmediate(resolve));
  replies.push(socket.send(["SECOND", large]), socket.send(["END"]));
  await new Promise((resolve) => setImmediate(resolve));
  server.sockets[0]?.resume();
  expect(await Promise.all(replies)).toEqual(["a", "b", "c"]);
  const sent = [["FIRST", large], ["SECOND", large], ["END"]].map(encodeCommand).join("");
  expect(Buffer.concat(server.received).equals(Buffer.from(sent))).toBe(true);
});

test("a subscription is done when each of its names is acknowledged", async () => {
  const { socket, server, lines } = await connected();
  let isDone = false;
  const subscribed = socket.subscribe(["a", "b"]).then(() => {
    isDone = true;
  });
  await until("the command", () => server.received.length > 0);
  say(
    server,
    "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$5\r\nearly\r\n",
  );
  await until("the message", () => lines.length > 0);
  expect(isDone).toBe(false);
  say(server, "*3\r\n$10\r\nssubscribe\r\n$1\r\nb\r\n:2\r\n*3\r\n$8\r\nsmessage\r\n$1\r\nb\r\n$2\r\nä\r\n");
  await subscribed;
  expect(lines).toEqual([
    ["a", "early"],
    ["b", "ä"],
  ]);
  const unsubscribed = socket.unsubscribe(["b"]);
  say(server, "*3\r\n$12\r\nsunsubscribe\r\n$1\r\nb\r\n:1\r\n");
  await unsubscribed;
});

test("a refused subscription fails with one error for all of its names", async () => {
  const { socket } = await connected((one) => void one.write("-NOPERM no access\r\n"));
  await expect(socket.subscribe(["a", "b"])).rejects.toEqual(new ErrorReply("NOPERM no access"));
});

test.each<[string, (server: { readonly sockets: readonly Socket[] }) => void, string]>([
  ["a server that closes the connection", ({ sockets }) => sockets[0]?.end(), "closed the connection"],
  ["a server that speaks another protocol", (server) => say(server, "HTTP/1.1 400\r\n"), "not RESP 2"],
])("%s is lost, once, with the commands that wait", async (_what, act, problem) => {
  const { socket, server, losses } = await connected();
  const waiting = [socket.send(["PING"]), socket.send(["PING"])].map((one) => one.catch(String));
  act(server);
  for (const answer of await Promise.all(waiting)) expect(answer).toContain(problem);
  await expect(socket.send(["PING"])).rejects.toThrow(problem);
  expect(losses.map(String)).toEqual([expect.stringContaining(problem)]);
});

test("a reply that no command waits for ends the connection, and nothing behind it is read", async () => {
  const { socket, server, losses, lines } = await connected((one) => {
    const message = "*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
    one.write(`*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n${message}:1\r\n${message}`);
  });
  await socket.subscribe(["a"]);
  await until("the loss", () => losses.length > 0);
  expect(String(losses[0])).toContain("without a command");
  expect(lines).toHaveLength(1);
  await until("the end", () => server.sockets[0]?.readyState !== 1);
});

test("a connection that its owner closes is not lost, but its commands are", async () => {
  const { socket, server, losses } = await connected();
  const waiting = socket.send(["PING"]);
  socket.close();
  await expect(waiting).rejects.toThrow("no longer used");
  await until("the end", () => server.sockets[0]?.readyState !== 1);
  expect(losses).toEqual([]);
});

test("a server that is not there, or does not complete the connection, is named", async () => {
  const port = await freePort();
  const problem = await socketTo(port).socket.connect(clock).catch(String);
  expect(problem).toContain(`127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
  const server = listen();
  const { socket, losses } = socketTo(server.port, true);
  const connecting = socket.connect(clock).catch(String);
  await until("the handshake to begin", () => server.received.length > 0);
  clock.advance(5_000);
  expect(await connecting).toContain("does not accept the connection in time");
  expect(losses).toEqual([]);
  await until("the end", () => server.sockets[0]?.readyState !== 1);
});
