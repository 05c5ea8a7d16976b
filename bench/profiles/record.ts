/**
 * `bun bench/profiles/record.ts [publish | fan-out | connect]… [--busy]`: profiles each hot path and writes its text file.
 * The first part of a file divides the cost between the kernel, Bun and compiled JavaScript, and compares it with a server that does
 * the same with Bun alone, without the protocol (requires `perf`). The second part lists the server's own functions.
 * `--busy`: the files say that the machine was busy.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishRequest } from "../client/publisher.ts";
import { connectAll } from "../scenarios/connections.ts";
import { oneChannel, payloadBytes, runFanOut } from "../scenarios/fan-out-load.ts";
import { runRequests } from "../scenarios/request-load.ts";
import { describeMachine, pinClients } from "../target/machine.ts";
import { processTree } from "../target/process-usage.ts";
import {
  type StartTarget,
  startBunBody,
  startBunWebSocket,
  startSoketify,
  type Target,
} from "../target/target.ts";
import { profileText } from "./summary.ts";

interface Path {
  readonly what: string;
  /** A server that uses only Bun, for the same load. */
  readonly startBun: StartTarget;
  /** The files of the server in which the path begins. */
  readonly sources: readonly string[];
  /** Resolves with the CPU time of one publish, delivery or connect in microseconds. */
  load(target: Target): Promise<number>;
}

const data = "x".repeat(payloadBytes);
const paths: Readonly<Record<string, Path>> = {
  publish: {
    what: "signed publishes to a channel without subscribers, 32 connections, beside Bun reading a body",
    startBun: startBunBody,
    sources: ["routes.ts", "doors.ts", "http-handlers.ts", "front.ts", "read-body.ts", "signed-request.ts"],
    async load(target) {
      const { cpuMicrosPerRequest } = await runRequests(target, 32, 8, () =>
        publishRequest(target, "bench", data),
      );
      return cpuMicrosPerRequest;
    },
  },
  "fan-out": {
    what: "100 events a second to 1,000 subscribers, beside Bun's own topics",
    startBun: startBunWebSocket,
    sources: ["routes.ts", "doors.ts", "http-handlers.ts", "held-topics.ts", "memory-broker.ts"],
    async load(target) {
      const { cpuMicrosPerDelivery } = await runFanOut(target, oneChannel(1000, 100, 8), 1);
      return cpuMicrosPerDelivery;
    },
  },
  connect: {
    what: "connects with a private subscription each, beside Bun's own WebSocket server",
    startBun: startBunWebSocket,
    sources: ["doors.ts", "http-handlers.ts", "web-socket-door.ts", "handle-message.ts"],
    async load(target) {
      await connectAll(target, 4000);
      return Number((await connectAll(target, 8000)).cpuMicrosEach);
    },
  },
};

const words = process.argv.slice(2);
const names = words.filter((word) => word !== "--busy");
const unknown = names.find((name) => paths[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`There is no path ${unknown}. Choose from ${Object.keys(paths).join(", ")}\n`);
  process.exit(2);
}
pinClients();
for (const [name, path] of Object.entries(paths)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`${name}: the server, Bun's own, and the server under Bun's profiler`);
  const { bun, commit } = describeMachine();
  const state = words.includes("--busy") ? "busy machine" : "nothing else running";
  const lines = [
    `${name}: ${path.what}`,
    `Bun ${bun}, commit ${commit}, ${state}`,
    "",
    "CPU-µs each           all   kernel     Bun   JavaScript",
    await splitLine("Soketify", startSoketify, path),
    await splitLine("Bun's own", path.startBun, path),
    "",
    await functionsOf(path),
  ];
  writeFileSync(join(import.meta.dir, `${name}.txt`), lines.join("\n"));
  console.error(`written: bench/profiles/${name}.txt`);
}
process.exit(0);

/** The CPU time of one publish, delivery or connect, divided between the parts that `perf` distinguishes. */
async function splitLine(name: string, start: StartTarget, path: Path): Promise<string> {
  const target = await start();
  // A server that has just started spends most of its time on compiling its code.
  await path.load(target);
  const folder = mkdtempSync(join(tmpdir(), "soketify-profile-"));
  const file = join(folder, "perf.data");
  const perf =
    Bun.which("perf") === null
      ? null
      : Bun.spawn(
          ["perf", "record", "-q", "-F", "1000", "-p", processTree(target.pid).join(","), "-o", file],
          {
            stderr: "ignore",
          },
        );
  try {
    const micros = await path.load(target);
    perf?.kill("SIGINT");
    await perf?.exited;
    const shares = perf === null ? null : sharesIn(file);
    const part = (share: number | undefined) => (share === undefined ? "–" : (micros * share).toFixed(1));
    const cells = [micros.toFixed(1), part(shares?.kernel), part(shares?.bun), part(shares?.javaScript)];
    return `${name.padEnd(15)}${cells.map((cell) => cell.padStart(9)).join("")}`;
  } finally {
    perf?.kill();
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function sharesIn(file: string) {
  const { stdout } = Bun.spawnSync(
    ["perf", "report", "-i", file, "--no-children", "-g", "none", "--sort", "dso", "--stdio"],
    {
      stderr: "ignore",
    },
  );
  const shares = { kernel: 0, bun: 0, javaScript: 0 };
  for (const [, percent, object = ""] of stdout.toString().matchAll(/^ +([\d.]+)% +(.+?) *$/gm)) {
    const part = object.startsWith("[kernel")
      ? "kernel"
      : /^\[JIT\]|perf-\d+\.map|anon/.test(object)
        ? "javaScript"
        : "bun";
    shares[part] += Number(percent) / 100;
  }
  return shares;
}

/** The server's functions. They are measured in a separate run, because the profiler makes the server slower. */
async function functionsOf(path: Path): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-profile-"));
  const target = await startSoketify({
    BUN_OPTIONS: `--cpu-prof --cpu-prof-interval=250 --cpu-prof-dir=${folder}`,
  });
  try {
    await path.load(target);
    // The profile is written when the process ends.
    await target.stop("SIGTERM");
    const files = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"));
    const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));
    const largest = texts.toSorted((a, b) => b.length - a.length)[0];
    if (largest === undefined) throw new Error("the server wrote no profile");
    return profileText(JSON.parse(largest), path.sources);
  } finally {
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
