/** SQLite accepts no writes: another process holds its lock, its disk is full, or its disk is read-only. */
import { Database } from "bun:sqlite";
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { Histogram } from "../client/histogram.ts";
import { LightClient } from "../client/light-client.ts";
import { Shim } from "../target/shim.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until, type Verdict } from "./fault.ts";
import { OutboxTrouble } from "./outbox-trouble.ts";

/** How long each failure lasts. */
const failureMs = { quick: 1500, short: 10_000, long: 120_000 } satisfies Record<Extent, number>;
const rounds = 20;
const logLinesMax = 12;

interface Failure {
  readonly name: string;
  /** The server's name for the failure. */
  readonly words: RegExp;
  /** Causes the failure; returns a function that ends it. */
  begin(folder: string, shim: Shim | null): () => void;
}

const locked: Failure = {
  name: "locked",
  words: /locked/,
  begin(folder) {
    const other = new Database(join(folder, "soketify.db"));
    other.run("pragma busy_timeout = 5000");
    other.run("begin exclusive");
    return () => {
      other.run("rollback");
      other.close();
    };
  },
};

const full: Failure = {
  name: "disk full",
  words: /full/,
  begin(folder) {
    const filler = join(folder, "filler");
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    return () => rmSync(filler);
  },
};

const readOnly: Failure = {
  name: "disk read-only",
  words: /readonly|read-only|disk I\/O/,
  begin(_folder, shim) {
    shim?.order({ isReadOnly: true });
    return () => shim?.order({});
  },
};

const mayMount = process.platform === "linux" && process.getuid?.() === 0;

export const databaseTrouble: Fault = {
  title:
    "a locked database or a full or read-only disk stops only changes, is reported until it ends, and keeps the webhook events that fit in memory",
  async run(extent) {
    const verdicts: Verdict[] = [];
    const chosen = [locked, ...(mayMount ? [full] : []), ...(Shim.isPossible ? [readOnly] : [])];
    for (const failure of chosen)
      verdicts.push(named(failure.name, await checkOnOwnServer(failure, failureMs[extent])));
    const leftOut = {
      ...(!mayMount && { "disk full": "skipped: only root may mount a small disk" }),
      ...(!Shim.isPossible && { "disk read-only": "skipped: requires Linux and a C compiler" }),
    };
    return {
      figures: Object.assign({}, ...verdicts.map(({ figures }) => figures), leftOut),
      problems: verdicts.flatMap(({ problems }) => problems),
    };
  },
};

async function checkOnOwnServer(failure: Failure, lastingMs: number): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-bench-disk-"));
  if (mayMount) mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", folder);
  const logFile = `${folder}.log`;
  const shim = Shim.isPossible ? new Shim() : null;
  let target: Target | null = null;
  try {
    target = await startSoketify(
      {
        ...Admin.environment,
        ...shim?.environment,
        SOKETIFY_DATA_DIR: folder,
        // The requests under way must not time out before the failure begins.
        SOKETIFY_WEBHOOK_TIMEOUT_MS: "60000",
      },
      { logFile },
    );
    return await checkDuring(failure, { target, folder, shim, logFile, lastingMs });
  } finally {
    await target?.stop();
    if (mayMount) Bun.spawnSync(["umount", "-l", folder]);
    rmSync(folder, { recursive: true, force: true });
    rmSync(logFile, { force: true });
    shim?.remove();
  }
}

interface Stage {
  readonly target: Target;
  readonly folder: string;
  readonly shim: Shim | null;
  readonly logFile: string;
  readonly lastingMs: number;
}

async function checkDuring({ words, begin }: Failure, stage: Stage): Promise<Verdict> {
  const { target, folder, shim, logFile, lastingMs } = stage;
  const admin = new Admin(target);
  const api = await Api.connect(target);
  let received = 0;
  const watcher = await LightClient.connect(
    { port: target.port, key: target.app.key },
    { onEvent: () => (received += 1) },
  );
  await watcher.subscribe("trouble");
  const outbox = new OutboxTrouble(target, admin);
  await outbox.prepare();
  const before = await admin.createApp();
  const end = begin(folder, shim);
  outbox.begin();
  const began = performance.now();
  const change = admin.createApp();
  const { latency, accepted, channels } = await serve(target, api, lastingMs);
  const during = await change;
  await outbox.flood();
  await until("the watcher has every event", () => received >= accepted);
  const { body, status } = await health(target);
  const isWritable = await admin.metric("soketify_database_writable");
  const lastedMs = performance.now() - began;
  end();
  const recoveryMs = await untilWell(target);
  const after = await admin.createApp();
  const webhooks = await outbox.check(channels);
  await outbox.end();
  api.close();
  watcher.cut();
  const lines = logLines(logFile);
  return {
    figures: {
      seconds: lastedMs / 1000,
      "events accepted during the failure": accepted,
      "p99 ms of a publish": latency.quantile(0.99) / 1000,
      "connections and subscriptions during the failure": channels,
      "a change during the failure": `${during.status} ${during.detail}`,
      "health during the failure": body,
      "ms until the server is healthy again": recoveryMs,
      "lines in the log": lines.length,
      ...webhooks.figures,
    },
    problems: [
      ...webhooks.problems,
      ...failures({
        "a change is accepted before the failure": before.status === 201,
        "a change during the failure is answered 503 with a reason":
          during.status === 503 && /accepts no writes/.test(during.detail),
        "events are still accepted, and each arrives once": accepted > 0 && received === accepted,
        "the node stays ready and reports what is degraded": status === 200 && words.test(body),
        "the metrics report it": isWritable === 0,
        "a change is accepted after the failure": after.status === 201,
      }),
      ...logProblems(lines),
    ],
  };
}

/** Returns the time until the server is healthy, in ms. */
async function untilWell(target: Target): Promise<number> {
  const began = performance.now();
  await until("nothing is degraded", async () => (await health(target)).body.includes('"degraded":[]'));
  return performance.now() - began;
}

function logProblems(lines: readonly string[]): string[] {
  return failures({
    "the log reports it in a few lines": lines.length > 0 && lines.length <= logLinesMax,
    "the log does not call it a bug": !lines.some((line) => line.includes("A bug")),
  });
}

function named(name: string, { figures, problems }: Verdict): Verdict {
  const says = (words: string): string => `${name}: ${words}`;
  return {
    figures: Object.fromEntries(Object.entries(figures).map(([what, figure]) => [says(what), figure])),
    problems: problems.map(says),
  };
}

function logLines(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"));
}

/** Publishes, connects and subscribes during the failure. */
async function serve(target: Target, api: Api, lastingMs: number) {
  const began = performance.now();
  const latency = new Histogram();
  let accepted = 0;
  let channels = 0;
  do {
    for (let round = 0; round < rounds; round += 1) {
      const asked = performance.now();
      if ((await api.publish("trouble", accepted)).status === 200) accepted += 1;
      latency.record((performance.now() - asked) * 1000);
      await Bun.sleep(lastingMs / rounds / 10);
    }
    const client = await LightClient.connect({ port: target.port, key: target.app.key }, {});
    await client.subscribe(`late-meanwhile-${channels}`);
    channels += 1;
  } while (performance.now() - began < lastingMs);
  return { latency, accepted, channels };
}

function mount(...words: string[]): void {
  const { success, stderr } = Bun.spawnSync(["mount", ...words]);
  if (!success) throw new Error(`mount ${words.join(" ")}: ${stderr}`);
}

if (import.meta.main) await runAsProgram(databaseTrouble);
