import { beforeEach, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { ClusterMessage } from "../core/ports/cluster-message.ts";
import { RedisBus } from "./redis-bus.ts";
import type { OnLine } from "./redis-connection.ts";
import { encodeEnvelope } from "./redis-envelope.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { OnUp } from "./redis-link.ts";

const message: ClusterMessage = { type: "terminate-user", appId: "1", userId: "ada" };
const here = randomUUID();
const keys = new RedisKeys("soketify");
const clock = new FakeClock();
let receive: (text: string) => void;
let bus: RedisBus;
let received: ClusterMessage[];
let sentAtMs: number[];
/** What Redis has stored since the latest message. */
let missed: [string, string[]][];
let comeUp: () => Promise<void>;
/** What was sent, and the answer of Redis: the number of receivers. */
let sent: string[];
let receivers: Promise<number>;
let isDown: boolean;
/** Messages to Redis wait for it. */
let busy: Promise<void>;
/** The users in the messages that Redis has. */
let broadcast: string[];

/** A bus whose link has just come up, and which missed nothing. */
beforeEach(async () => {
  const cameUp: OnUp[] = [];
  missed = [];
  sent = [];
  broadcast = [];
  isDown = false;
  busy = Promise.resolve();
  receivers = Promise.resolve(0);
  const link = {
    keys,
    nodeId: here,
    get isUp() {
      return !isDown;
    },
    onDown: () => undefined,
    onUp: (listener: OnUp) => void cameUp.push(listener),
    follow: async (_: readonly string[], onLine: OnLine) => {
      receive = (text) => onLine(text, keys.bus);
    },
    unfollow: () => undefined,
    send: (_: string, args: readonly string[]) => {
      sent.push(args.at(-1) ?? "");
      return receivers;
    },
    async run(script: string, _: string, [text = ""]: readonly string[]) {
      if (script !== "broadcast") return ["0", missed];
      const isLost = isDown;
      await busy;
      if (isLost) throw new EngineUnreachable("Redis is unreachable");
      broadcast.push(JSON.parse(text).message.userId);
      return null;
    },
  };
  const nodes = { provideTopics: () => undefined, alive: () => [], isListenedElsewhere: () => false };
  bus = new RedisBus(link, nodes, clock, pino({ level: "silent" }));
  received = [];
  sentAtMs = [];
  bus.onMessage((one, atMs) => {
    received.push(one);
    sentAtMs.push(atMs);
  });
  comeUp = async () => {
    for (const listener of cameUp) await listener(false);
  };
  await comeUp();
});

test("a missed message that was read is not passed on again when it arrives on the line", async () => {
  const texts = ["1-0", "1-1", "2-0"].map((id) => [id, ofMessage()] as const);
  missed = texts.slice(0, 2).map(([id, text]) => [id, ["m", text]]);
  await comeUp();
  expect(received).toHaveLength(2);
  for (const [id, text] of texts.slice(1)) receive(`${id} ${text}`);
  expect(received).toHaveLength(3);
});

test("a message that is sent when the link is back follows those that still wait", async () => {
  const say = (userId: string) => bus.broadcast({ type: "terminate-user", appId: "1", userId });
  isDown = true;
  for (const userId of ["a", "b"]) say(userId);
  await new Promise((resolve) => setImmediate(resolve));
  isDown = false;
  say("c");
  await comeUp();
  say("d");
  await new Promise((resolve) => setImmediate(resolve));
  expect(broadcast).toEqual(["a", "b", "c", "d"]);
});

test("a message that a lost link refuses only when the next link is up is sent again, and no later one waits", async () => {
  const say = (userId: string) => bus.broadcast({ type: "terminate-user", appId: "1", userId });
  const { promise, resolve } = Promise.withResolvers<void>();
  [isDown, busy] = [true, promise];
  say("a");
  [isDown, busy] = [false, Promise.resolve()];
  await comeUp();
  resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(broadcast).toEqual(["a"]);
  say("b");
  await new Promise((resolve) => setImmediate(resolve));
  expect(broadcast).toEqual(["a", "b"]);
});

test("a message of another node is passed on, and the node's own is not", () => {
  receive(`1-0 ${encodeEnvelope(here, { kind: "message", message, waitedMs: 0 })}`);
  expect(received).toEqual([]);
  receive(`2-0 ${encodeEnvelope("there", { kind: "message", message, waitedMs: 0 })}`);
  expect(received).toEqual([message]);
  expect([bus.messagesIn, bus.ignored]).toEqual([1, 0]);
});

test("a message of an older node, which does not say how long it waited, counts as sent now", () => {
  receive(`1-0 ${encodeEnvelope("older", { kind: "message", message })}`);
  receive(`2-0 ${encodeEnvelope("newer", { kind: "message", message, waitedMs: 700 })}`);
  expect(sentAtMs).toEqual([clock.now(), clock.now() - 700]);
});

test("the answer of one unknown node does not end a question to two, even if it arrives before Redis says that two received it", async () => {
  const published = Promise.withResolvers<number>();
  receivers = published.promise;
  let answers: readonly string[] = [];
  const asking = bus.ask({ type: "reload-app", appId: "1" }, 2_000).then((found) => {
    answers = found.answers.map(({ nodeId }) => nodeId);
  });
  const { id } = JSON.parse(sent[0] ?? "");
  receive(encodeEnvelope("one", { kind: "answer", id, answer: {} }));
  // This node receives its own question, too.
  published.resolve(3);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([]);
  receive(encodeEnvelope("other", { kind: "answer", id, answer: {} }));
  await asking;
  expect(answers).toEqual(["one", "other"]);
});

test("the topics of another node are known from its message, without its report", () => {
  expect(bus.hasListeners("live 1")).toBe(false);
  receive(encodeEnvelope("there", { kind: "topics", topics: ["live 1"] }));
  expect(bus.hasListeners("live 1")).toBe(true);
});

test("topics that a node sends again are known for as long as those that it sent first", () => {
  const send = (topics: string[]) => receive(encodeEnvelope("there", { kind: "topics", topics }));
  send(["live 1"]);
  clock.advance(4_900);
  send(["live 1", "live 2"]);
  clock.advance(4_900);
  expect(["live 1", "live 2"].map((topic) => bus.hasListeners(topic))).toEqual([true, true]);
  clock.advance(100);
  expect(bus.hasListeners("live 1")).toBe(false);
});

test.each([
  ["text that is no envelope", () => "nonsense"],
  ["an envelope of another version", () => ofMessage().replace('"v":1', '"v":2')],
  ["an unknown kind of envelope", () => ofMessage().replace('"kind":"message"', '"kind":"news"')],
  ["an unknown type of message", () => ofMessage().replace(message.type, "toString")],
  [
    "a question that nobody here answers",
    () => ofMessage().replace('"kind":"message"', '"kind":"question"').replace('"message":', '"question":'),
  ],
])("%s is ignored and counted, and the next message is passed on", (_, text) => {
  receive(text());
  expect([received, bus.ignored]).toEqual([[], 1]);
  receive(ofMessage());
  expect([received, bus.ignored]).toEqual([[message], 1]);
});

function ofMessage(): string {
  return encodeEnvelope("there", { kind: "message", message, waitedMs: 0 });
}
