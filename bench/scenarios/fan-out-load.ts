/** One load: a number of subscribers, a rate of events, and the server's CPU time for each delivery. */
import { Publisher, type Publishing } from "../client/publisher.ts";
import { SubscriberProcess } from "../client/subscriber-process.ts";
import { foreignShare, machineTime } from "../target/machine-load.ts";
import { processCpuMicros, proxyCpuMicros } from "../target/process-usage.ts";
import type { Target } from "../target/target.ts";
import type { Column, Row } from "./scenario.ts";

export interface FanOutLoad {
  readonly subscribers: number;
  readonly channels: readonly string[];
  /** The number of subscribers that each event reaches. */
  readonly reach: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly channelOf?: (sequence: number) => string;
}

interface Run {
  readonly target: string;
  readonly subscribers: number;
  readonly askedPerSecond: number;
  /** Accepted events per second, until the last one was delivered. */
  readonly publishedPerSecond: number;
  readonly deliveredPerSecond: number;
  /** Distinct deliveries as a share of those due: 1 if every subscriber received everything. */
  readonly deliveryRatio: number;
  readonly duplicates: number;
  readonly incompleteSubscribers: number;
  /** Of the server, and of the proxy in front of it. */
  readonly cpuMicrosPerDelivery: number;
  readonly proxyMicrosPerDelivery: number;
  readonly framesPerWrite: number;
  /** Share of one core. */
  readonly serverCore: number;
  readonly clientCore: number;
  /** Share of one core that other processes took. */
  readonly foreignCore: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly frameBytes: number;
}

export interface FanOutFigures extends Run, Row {
  /** By how much the CPU time per delivery of the most expensive run exceeds that of the cheapest. */
  readonly spreadPercent: number;
}

export const fanOutColumns: readonly Column[] = [
  { key: "target", label: "server" },
  { key: "publishedPerSecond", label: "events/s", decimals: 1 },
  { key: "deliveredPerSecond", label: "deliveries/s" },
  { key: "deliveryRatio", label: "delivered", decimals: 4 },
  { key: "cpuMicrosPerDelivery", label: "CPU-µs/delivery", decimals: 3 },
  { key: "spreadPercent", label: "runs differ %", decimals: 1 },
  { key: "framesPerWrite", label: "frames/write", decimals: 1 },
  { key: "serverCore", label: "server CPU, cores", decimals: 2 },
  { key: "clientCore", label: "client CPU, cores", decimals: 2 },
  { key: "foreignCore", label: "other CPU, cores", decimals: 2 },
  { key: "p50Ms", label: "p50 ms", decimals: 2 },
  { key: "p99Ms", label: "p99 ms", decimals: 2 },
  { key: "p999Ms", label: "p99.9 ms", decimals: 2 },
  { key: "frameBytes", label: "frame B" },
];

export const payloadBytes = 200;
const publisherConnections = 8;
const warmUpSeconds = 1;
/** So often that a runtime compiles the code of a publish before the measurement, as on a server that runs for a while. */
const warmUpPerSecond = 3_000;
const stallMs = 3000;

/** A server in the table. */
export interface Contender {
  readonly name: string;
  readonly target: Target;
  /** Called before each of its runs. */
  prepare?(): Promise<void>;
}

export function contender(target: Target): Contender {
  return { name: target.name, target };
}

/** A load in which every event goes to every subscriber. */
export function oneChannel(subscribers: number, eventsPerSecond: number, seconds: number): FanOutLoad {
  return { subscribers, channels: ["bench"], reach: subscribers, eventsPerSecond, seconds };
}

/** The CPU time per delivery of the named server under the same load as in `row`; NaN if it did not run. */
export function costOf(name: string, row: FanOutFigures, all: readonly FanOutFigures[]): number {
  const found = all.find(
    ({ target, subscribers, askedPerSecond }) =>
      target === name && subscribers === row.subscribers && askedPerSecond === row.askedPerSecond,
  );
  return found?.cpuMicrosPerDelivery ?? Number.NaN;
}

/** Runs the load `runs` times. */
export async function runFanOut(target: Target, load: FanOutLoad, runs: number): Promise<FanOutFigures> {
  const [figures] = await runSideBySide([contender(target)], load, runs);
  if (figures === undefined) throw new Error("one contender has one row");
  return figures;
}

/** Runs the contenders in turn, so that a temporary slowdown of the machine affects all of them; one row each. */
export async function runSideBySide(
  contenders: readonly Contender[],
  load: FanOutLoad,
  rounds: number,
): Promise<FanOutFigures[]> {
  const runs = contenders.map((): Run[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { target, prepare }] of contenders.entries()) {
      await prepare?.();
      runs[index]?.push(await runLoad(target, load));
    }
  }
  return contenders.map(({ name }, index) => ({ ...summaryOf(runs[index] ?? []), target: name }));
}

/** The cheapest run, with the lowest delivery ratio of all runs and the spread of the costs. */
function summaryOf(runs: readonly Run[]): FanOutFigures {
  const [cheapest, ...dearer] = runs.toSorted((a, b) => a.cpuMicrosPerDelivery - b.cpuMicrosPerDelivery);
  if (cheapest === undefined) throw new Error("a load must run at least once");
  const dearest = dearer.at(-1) ?? cheapest;
  return {
    ...cheapest,
    deliveryRatio: Math.min(...runs.map(({ deliveryRatio }) => deliveryRatio)),
    spreadPercent: (dearest.cpuMicrosPerDelivery / cheapest.cpuMicrosPerDelivery - 1) * 100,
  };
}

async function runLoad(target: Target, load: FanOutLoad): Promise<Run> {
  const channel = load.channels[0] ?? "bench";
  const publishing: Publishing = { ...load, payloadBytes, channelOf: load.channelOf ?? (() => channel) };
  const warmUp: Publishing = { ...publishing, seconds: warmUpSeconds };
  const publisher = await Publisher.connect(target, publisherConnections);
  await publisher.publish({ ...warmUp, eventsPerSecond: warmUpPerSecond });
  const first = publisher.sequence;
  const subscribers = await SubscriberProcess.start(target, load.subscribers, load.channels);
  try {
    await publisher.publish(warmUp);
    await subscribers.untilDelivered((publisher.sequence - first) * load.reach, stallMs);
    await subscribers.reset(publisher.sequence);
    return await measure(target, load, publishing, subscribers, publisher);
  } finally {
    publisher.close();
    await subscribers.stop();
  }
}

async function measure(
  target: Target,
  load: FanOutLoad,
  publishing: Publishing,
  subscribers: SubscriberProcess,
  publisher: Publisher,
): Promise<Run> {
  const began = performance.now();
  const before = { machine: machineTime(), ...cpuOf(target, subscribers) };
  const { accepted } = await publisher.publish(publishing);
  await subscribers.untilDelivered(accepted * load.reach, stallMs);
  const after = { machine: machineTime(), ...cpuOf(target, subscribers) };
  const seconds = (performance.now() - began) / 1000;
  const report = await subscribers.report(publisher.sequence);
  const proxyMicros = after.proxy - before.proxy;
  const serverMicros = after.server - before.server + proxyMicros;
  const clientMicros = after.clients - before.clients;
  const ownMicros = serverMicros + clientMicros;
  const ms = (share: number): number => report.latency.quantile(share) / 1000;
  return {
    target: target.name,
    subscribers: load.subscribers,
    askedPerSecond: load.eventsPerSecond,
    publishedPerSecond: accepted / seconds,
    deliveredPerSecond: report.deliveries / seconds,
    deliveryRatio: (report.deliveries - report.duplicates) / (accepted * load.reach),
    duplicates: report.duplicates,
    incompleteSubscribers: report.incomplete,
    cpuMicrosPerDelivery: serverMicros / report.deliveries,
    proxyMicrosPerDelivery: proxyMicros / report.deliveries,
    framesPerWrite: report.deliveries / report.writes,
    serverCore: serverMicros / 1e6 / seconds,
    clientCore: clientMicros / 1e6 / seconds,
    foreignCore: foreignShare(before.machine, after.machine, ownMicros, seconds),
    p50Ms: ms(0.5),
    p99Ms: ms(0.99),
    p999Ms: ms(0.999),
    frameBytes: report.frameBytes,
  };
}

/** CPU time of server, proxy, and publisher and receivers together. */
function cpuOf(target: Target, subscribers: SubscriberProcess) {
  const { user, system } = process.cpuUsage();
  return {
    server: processCpuMicros(target.pid),
    proxy: proxyCpuMicros(target),
    clients: user + system + processCpuMicros(subscribers.pid),
  };
}
