/** The cost of a channel's history: to publish with it, to store it, and to recover many clients at the same time. */
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { inParallel } from "../client/crowd.ts";
import { HttpLine } from "../client/http-line.ts";
import { LightClient } from "../client/light-client.ts";
import { eventBody } from "../client/publisher.ts";
import { signedRequest } from "../client/signature.ts";
import { nowMicros, stampedPayload } from "../client/stamp.ts";
import { redisCpuMicros, startCluster } from "../target/cluster.ts";
import { processCpuMicros, processUsage } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import type { Row, Scenario } from "./scenario.ts";

const payloadBytes = 200;
const publishers = 16;
const channels = 100;
const keptPerChannel = 1_000;
const missedEvents = 100;
const room = { SOKETIFY_HISTORY_BYTES_PER_APP_MAX: "268435456", SOKETIFY_HISTORY_BYTES_MAX: "536870912" };

interface Engine {
  readonly name: string;
  readonly node: Target;
  /** CPU time of Redis; 0 for a single node. */
  engineMicros(): Promise<number>;
}

export const history: Scenario = {
  name: "history",
  summary:
    "publishes to channels with and without history; memory; 1,000 clients that recover at the same time",
  async run({ isQuick, log }) {
    const rounds = isQuick ? 2 : 10;
    const clients = isQuick ? 50 : 1_000;
    const perRound = (channels * keptPerChannel) / 10 / (isQuick ? 10 : 1);
    const publishRows: Row[] = [];
    const recoveryRows: Row[] = [];
    const measure = async (engine: Engine) => {
      await new Admin(engine.node).setRules([{ pattern: "kept-*", historyEventsMax: keptPerChannel }]);
      log(`${engine.name}: publishes`);
      publishRows.push(await publishInTurn(engine, rounds, perRound));
      log(`${engine.name}: ${clients} clients recover`);
      recoveryRows.push(await recoverAtOnce(engine, clients));
    };
    const alone = await startSoketify({ ...Admin.environment, ...room });
    try {
      await measure({ name: "memory", node: alone, engineMicros: async () => 0 });
    } finally {
      await alone.stop();
    }
    const cluster = await startCluster(1, () => Admin.environment);
    try {
      const [node] = cluster.nodes as [Target];
      const engineMicros = () => redisCpuMicros(cluster.redis.port);
      await measure({ name: "Redis", node, engineMicros });
    } finally {
      await cluster.stop();
    }
    return [publishSection(publishRows, rounds, perRound), recoverySection(recoveryRows, clients)];
  },
};

function publishSection(rows: readonly Row[], rounds: number, perRound: number) {
  return {
    title: "Publish to a channel with history and without",
    columns: [
      { key: "engine", label: "engine" },
      { key: "plain", label: "CPU-µs without", decimals: 1 },
      { key: "kept", label: "CPU-µs with", decimals: 1 },
      { key: "ratio", label: "ratio", decimals: 2 },
      { key: "engineRatio", label: "ratio with Redis itself", decimals: 2 },
      { key: "keptBytes", label: "bytes/kept event" },
    ],
    rows,
    notes: [
      `${rounds} rounds of ${perRound} signed publishes of ${payloadBytes} bytes for each kind, alternating, ${publishers} at a time, to ${channels} channels without subscribers; CPU time of the server.`,
      "Bytes/kept event: growth of the server's memory over all rounds, divided by the events kept at the end.",
    ],
  };
}

function recoverySection(rows: readonly Row[], clients: number) {
  return {
    title: `${clients} clients recover ${missedEvents} events each at the same time`,
    columns: [
      { key: "engine", label: "engine" },
      { key: "cpuMs", label: "server CPU, ms" },
      { key: "perEvent", label: "CPU-µs/event", decimals: 2 },
      { key: "ms", label: "ms until the last event" },
    ],
    rows,
    notes: ["All clients are connected; the time starts with the first subscription that requests recovery."],
  };
}

async function publishInTurn(engine: Engine, rounds: number, perRound: number): Promise<Row> {
  const { node } = engine;
  const lines = await Promise.all(Array.from({ length: publishers }, () => HttpLine.connect(node.port)));
  const round = async (kind: string): Promise<{ node: number; engine: number }> => {
    const before = { node: processCpuMicros(node.pid), engine: await engine.engineMicros() };
    let next = 0;
    await Promise.all(
      lines.map(async (line) => {
        while (next < perRound) {
          const body = eventBody(
            `${kind}-${next % channels}`,
            stampedPayload(payloadBytes, next, nowMicros()),
          );
          next += 1;
          const { status } = await line.send(signedRequest(node.app, "POST", "/events", body));
          if (status !== 200) throw new Error(`the server answered a publish with ${status}`);
        }
      }),
    );
    return {
      node: processCpuMicros(node.pid) - before.node,
      engine: (await engine.engineMicros()) - before.engine,
    };
  };
  // A server that has just started is slower, because its code is not compiled yet.
  for (const kind of ["plain", "warm", "plain", "warm"]) await round(kind);
  const bytesBefore = processUsage(node.pid).pssBytes;
  const spent = { plain: { node: 0, engine: 0 }, kept: { node: 0, engine: 0 } };
  for (let index = 0; index < rounds * 2; index++) {
    const kind = index % 2 === 0 ? "plain" : "kept";
    const { node: micros, engine: engineMicros } = await round(kind);
    spent[kind].node += micros;
    spent[kind].engine += engineMicros;
  }
  for (const line of lines) line.close();
  const published = rounds * perRound;
  const kept = Math.min(published, channels * keptPerChannel);
  const whole = ({ node: own, engine: shared }: { node: number; engine: number }) => own + shared;
  return {
    engine: engine.name,
    plain: spent.plain.node / published,
    kept: spent.kept.node / published,
    ratio: spent.kept.node / spent.plain.node,
    engineRatio: whole(spent.kept) / whole(spent.plain),
    keptBytes:
      engine.name === "memory" ? Math.round((processUsage(node.pid).pssBytes - bytesBefore) / kept) : null,
  };
}

async function recoverAtOnce({ name, node }: Engine, clients: number): Promise<Row> {
  const channel = "kept-missed";
  const api = await Api.connect(node);
  await api.publish(channel, 0);
  const position = await positionIn(node, channel);
  for (let index = 1; index <= missedEvents; index++) await api.publish(channel, index, payloadBytes);
  api.close();
  const expected = clients * missedEvents;
  let received = 0;
  const done = Promise.withResolvers<void>();
  const crowd = await inParallel(clients, () =>
    LightClient.connect(
      { port: node.port, key: node.app.key },
      {
        onMessage: ({ event }) => {
          if (event !== "bench") return;
          received += 1;
          if (received === expected) done.resolve();
        },
      },
    ),
  );
  const cpuBefore = processCpuMicros(node.pid);
  const began = performance.now();
  for (const client of crowd) client.send("pusher:subscribe", { channel, recover: position });
  await done.promise;
  const ms = performance.now() - began;
  const cpuMicros = processCpuMicros(node.pid) - cpuBefore;
  for (const client of crowd) client.cut();
  return {
    engine: name,
    cpuMs: Math.round(cpuMicros / 1_000),
    perEvent: cpuMicros / expected,
    ms: Math.round(ms),
  };
}

/** The current position of the channel, for a client to recover from. */
async function positionIn(node: Target, channel: string): Promise<object> {
  const reported = Promise.withResolvers<object>();
  const client = await LightClient.connect(
    { port: node.port, key: node.app.key },
    {
      onMessage: ({ event, data }) => {
        if (event === "pusher_internal:subscription_succeeded") reported.resolve(JSON.parse(String(data)));
      },
    },
  );
  await client.subscribe(channel);
  client.cut();
  return { ...(await reported.promise), socket_id: await client.socketId };
}
