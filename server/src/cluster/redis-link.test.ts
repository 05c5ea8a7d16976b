import { afterEach, expect, test } from "bun:test";
import type { Socket } from "bun";
import pino from "pino";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { until } from "../../test/support/until.ts";
import { RedisKeys } from "./redis-keys.ts";
import { RedisLink } from "./redis-link.ts";
import { readRedisUrl } from "./redis-target.ts";

const roleOfMaster = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
const clock = new FakeClock();
const opened: { stop(): void }[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.stop();
});

/** A server that accepts connections and answers only ROLE, if at all. */
function listen(answersRole: boolean) {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void sockets.add(socket),
      close: (socket) => void sockets.delete(socket),
      data(socket, bytes) {
        received.push(bytes.toString());
        if (answersRole && bytes.toString().includes("ROLE")) socket.write(roleOfMaster);
      },
    },
  });
  opened.push({ stop: () => server.stop(true) });
  return { port: server.port, received, sockets };
}

function linkTo(url: string): RedisLink {
  const [keys, log] = [new RedisKeys("test:"), pino({ level: "silent" })];
  const link = new RedisLink({
    target: readRedisUrl(url),
    keys,
    clock,
    log,
    installation: async () => "one",
  });
  opened.push({ stop: () => link.close() });
  return link;
}

test.each([
  ["the first command", false, (port: number) => `redis://127.0.0.1:${port}`, "ROLE"],
  ["the password", false, (port: number) => `redis://:secret@127.0.0.1:${port}`, "AUTH"],
  ["the scripts", true, (port: number) => `redis://127.0.0.1:${port}`, "LOAD"],
  ["the question for the master", false, (port: number) => `redis://127.0.0.1:${port}?master=m`, "SENTINEL"],
  ["the slots of a cluster", false, (port: number) => `redis://127.0.0.1:${port}?cluster=true`, "CLUSTER"],
])(
  "a server that does not answer %s is given up, and tried again",
  async (_, answersRole, urlOf, command) => {
    const server = listen(answersRole);
    const link = linkTo(urlOf(server.port));
    let isStarted = false;
    const started = link
      .start(() => undefined)
      .then(() => {
        isStarted = true;
      });
    const count = () => server.received.filter((text) => text.includes(command)).length;
    await until("the command", () => count() > 0);
    clock.advance(9_999);
    expect(isStarted).toBe(false);
    clock.advance(1);
    await started;
    expect(link.isUp).toBe(false);
    expect(link.problem).toContain("does not answer");
    await until("the end of the connections", () => server.sockets.size === 0);
    const before = count();
    clock.advance(3_000);
    await until("the next try", () => count() > before);
  },
);
