/** More connections arrive than the process may open files. Some are clients; others send no complete request. */
import type { Socket } from "bun";
import { Api } from "../client/api.ts";
import { inParallel } from "../client/crowd.ts";
import { processCpuMicros } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { ConnectingClients } from "./connecting-clients.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until, type Verdict } from "./fault.ts";

const sizes = {
  quick: { descriptors: 400, clients: 600, silent: 400 },
  short: { descriptors: 4000, clients: 6000, silent: 4000 },
  // All silent connections must be open before the first of them is dropped.
  long: { descriptors: 16_000, clients: 18_000, silent: 4000 },
} satisfies Record<Extent, unknown>;

/** Clients that are connected before the silent connections open. */
const present = 50;
const hearEveryMs = 100;
/** In seconds. The runtime drops a silent connection after about ten. */
const answerLimitS = 30;

export const descriptorLimit: Fault = {
  title:
    "at the limit of open files new clients get 503, connected clients are served, and new clients are accepted again when others leave or silent connections are dropped",
  async run(extent) {
    const { descriptors, clients, silent } = sizes[extent];
    const verdicts = [
      await atLimit(descriptors, (target) => refuse(target, descriptors, clients)),
      await atLimit(silent, (target) => outlast(target, silent)),
    ];
    return {
      figures: Object.assign(
        { "files that the process may open": descriptors },
        ...verdicts.map(({ figures }) => figures),
      ),
      problems: verdicts.flatMap(({ problems }) => problems),
    };
  },
};

async function atLimit(descriptors: number, check: (target: Target) => Promise<Verdict>): Promise<Verdict> {
  // Higher than the number of files, so that the limit of connections does not apply first.
  const target = await startSoketify(
    { SOKETIFY_CONNECTIONS_MAX: "100000" },
    { wrap: ["prlimit", `--nofile=${descriptors}:${descriptors}`] },
  );
  try {
    return await check(target);
  } finally {
    await target.stop();
  }
}

/** Connects more clients than there are files. */
async function refuse(target: Target, descriptors: number, clients: number): Promise<Verdict> {
  const crowd = new ConnectingClients(target);
  await crowd.connect(clients);
  const whenFull = await health(target);
  const api = await Api.connect(target);
  const problems = await crowd.checkDelivery(api);
  api.close();
  crowd.leave();
  await untilReady(target);
  const again = new ConnectingClients(target);
  await again.connect(Math.floor(crowd.clients.length / 2));
  again.leave();
  const others = crowd.refusals.filter((refusal) => !refusal.includes("503"));
  return {
    figures: {
      clients,
      accepted: crowd.clients.length,
      "refused with 503": crowd.refusals.length - others.length,
      "refused for another reason": others.length === 0 ? 0 : `${others.length}, such as ${others[0]}`,
    },
    problems: [
      ...problems,
      ...failures({
        "at least one client was refused": crowd.refusals.length > 0,
        "every refusal is a 503": others.length === 0,
        "at least 70 % of the files serve clients": crowd.clients.length >= 0.7 * descriptors,
        "the server reports that it is unready because of its open files":
          whenFull.body.includes("open files"),
        "new clients are accepted after others left": again.refusals.length === 0,
      }),
    ],
  };
}

/** Opens as many connections as files, none of which sends a complete request. The runtime does not report such connections to the server, so the server cannot refuse them. */
async function outlast(target: Target, descriptors: number): Promise<Verdict> {
  const api = await Api.connect(target);
  const crowd = new ConnectingClients(target);
  await crowd.connect(present);
  const silent = await openSilent(target, descriptors);
  const there = silent.size;
  const began = performance.now();
  const cpuBefore = processCpuMicros(target.pid);
  const late = new ConnectingClients(target);
  let answeredMs: number | null = null;
  void late.connect(1).then(() => (answeredMs = performance.now() - began));
  const problems = new Set<string>();
  while ((answeredMs === null || silent.size > 0) && performance.now() - began < answerLimitS * 1000) {
    for (const problem of await crowd.checkDelivery(api)) problems.add(problem);
    await Bun.sleep(hearEveryMs);
  }
  const cpuPercent = (processCpuMicros(target.pid) - cpuBefore) / 10 / (performance.now() - began);
  const left = silent.size;
  for (const socket of silent) socket.terminate();
  await untilReady(target);
  const again = new ConnectingClients(target);
  await again.connect(present);
  for (const one of [crowd, late, again]) one.leave();
  api.close();
  return {
    figures: {
      "silent connections, equal to the number of files": descriptors,
      "silent connections that are open when a new client connects": there,
      "ms until a new client is answered while they hold all files": answeredMs ?? "never",
      "the answer": late.refusals[0] ?? "accepted",
      "CPU during this, % of a core": cpuPercent,
    },
    problems: [
      ...problems,
      ...failures({
        [`a new client is answered within ${answerLimitS} s`]: answeredMs !== null,
        [`every silent connection is dropped by then, but ${left} are not`]: left === 0,
        "new clients are accepted after they are dropped": again.refusals.length === 0,
      }),
    ],
  };
}

/** Resolves with the set of connections; a connection that closes is removed from it. */
async function openSilent({ port }: Target, count: number): Promise<ReadonlySet<Socket>> {
  const sockets = new Set<Socket>();
  await inParallel(count, async () => {
    await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open(socket) {
          sockets.add(socket);
          // The kernel delays the accept of a connection that sends no byte by a second.
          socket.write("GET");
        },
        data: () => undefined,
        close: (socket) => void sockets.delete(socket),
      },
    });
  });
  return sockets;
}

function untilReady(target: Target): Promise<void> {
  return until("the server is ready again", async () => (await health(target)).status === 200);
}

if (import.meta.main) await runAsProgram(descriptorLimit);
