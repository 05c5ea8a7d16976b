/**
 * A flood of logins with wrong passwords, each from another address and for another account. Every login is refused, the audit
 * log grows by few entries, and publishes are not slowed. In a control run the same client sends the same number of concurrent
 * requests to a path that does not exist. The control run shows the cost of any requests on this machine and in the client.
 */
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { Histogram } from "../client/histogram.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram } from "./fault.ts";

/** Quick runs do not compare with the control run, so theirs only shows that it works. */
const seconds = {
  quick: { control: 0.1, flood: 1 },
  short: { control: 20, flood: 20 },
  long: { control: 120, flood: 120 },
} satisfies Record<Extent, unknown>;
/** More logins than may wait: the server checks one password at a time. */
const loginsAtOnce = 100;
const publishEveryMs = 10;
/** The server counts refused logins, and writes few entries with the counts every five minutes. */
const auditEntriesMax = 100;
/** The maximum of the median duration of a publish, compared with the control run. Quick runs share the machine, so they do not check it. */
const slowerTimesMax = 5;
const slowerMsMax = 50;

interface Phase {
  readonly publishes: Histogram;
  readonly accepted: number;
}

export const loginFlood: Fault = {
  title: "a flood of wrong logins is refused, adds few audit entries, and does not slow publishes",
  async run(extent) {
    const target = await startSoketify({
      ...Admin.environment,
      SOKETIFY_ADMIN_EMAIL: "owner@example.com",
      SOKETIFY_ADMIN_PASSWORD: "a password of the benchmark",
      // Lets each login set its own client address.
      SOKETIFY_TRUSTED_PROXIES: "127.0.0.1/32",
    });
    const admin = new Admin(target);
    const api = await Api.connect(target);
    try {
      const entriesBefore = await admin.auditEntryCount();
      const others = new Flood(target, "/api/v1/nowhere");
      const control = await publishFor(api, seconds[extent].control);
      await others.end();
      const flood = new Flood(target, "/api/v1/session");
      const during = await publishFor(api, seconds[extent].flood);
      await flood.end();
      const entries = (await admin.auditEntryCount()) - entriesBefore;
      const medianMs = ({ publishes }: Phase) => publishes.quantile(0.5) / 1_000;
      const limitMs = medianMs(control) * slowerTimesMax + slowerMsMax;
      return {
        figures: {
          ...Object.fromEntries(
            [...flood.statuses].map(([status, count]) => [`logins answered ${status}`, count]),
          ),
          "requests of the control run": others.tries,
          "median ms of a publish in the control run": medianMs(control),
          "median ms of a publish during the flood": medianMs(during),
          "p99 ms of a publish in the control run": control.publishes.quantile(0.99) / 1_000,
          "p99 ms of a publish during the flood": during.publishes.quantile(0.99) / 1_000,
          "audit entries": entries,
        },
        problems: failures({
          "every publish is accepted": [control, during].every(
            ({ accepted, publishes }) => accepted === publishes.count && accepted > 0,
          ),
          "every login is refused": [...flood.statuses.keys()].every((status) => [401, 429].includes(status)),
          "at least a hundred logins were tried": flood.tries >= 100,
          [`the audit log grows by at most ${auditEntriesMax} entries`]: entries <= auditEntriesMax,
          "a publish takes about as long as in the control run":
            extent === "quick" || medianMs(during) <= limitMs,
        }),
      };
    } finally {
      api.close();
      await target.stop();
    }
  },
};

async function publishFor(api: Api, lengthS: number): Promise<Phase> {
  const publishes = new Histogram();
  let accepted = 0;
  for (const end = performance.now() + lengthS * 1_000; performance.now() < end; ) {
    const askedAt = performance.now();
    if ((await api.publish("news", publishes.count)).status === 200) accepted += 1;
    publishes.record((performance.now() - askedAt) * 1_000);
    await Bun.sleep(publishEveryMs);
  }
  return { publishes, accepted };
}

/** Sends wrong logins to the path until `end` is called. */
class Flood {
  readonly statuses = new Map<number, number>();
  tries = 0;
  readonly #origin: string;
  readonly #path: string;
  readonly #end = new AbortController();
  readonly #loops: readonly Promise<void>[];

  constructor({ port }: Target, path: string) {
    this.#path = path;
    this.#origin = `http://127.0.0.1:${port}`;
    this.#loops = Array.from({ length: loginsAtOnce }, () => this.#loop());
  }

  async end(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const number = this.tries;
      this.tries += 1;
      const status = await this.#logIn(number);
      if (status !== null) this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
  }

  /** Returns the status; null if the flood ended before the answer. */
  async #logIn(number: number): Promise<number | null> {
    try {
      const { status } = await fetch(`${this.#origin}${this.#path}`, {
        method: "POST",
        headers: {
          origin: this.#origin,
          "content-type": "application/json",
          "x-forwarded-for": `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
        },
        body: JSON.stringify({ email: `nobody-${number}@example.com`, password: "a wrong password" }),
        signal: this.#end.signal,
      });
      return status;
    } catch (error) {
      if (this.#end.signal.aborted) return null;
      throw error;
    }
  }
}

if (import.meta.main) await runAsProgram(loginFlood);
