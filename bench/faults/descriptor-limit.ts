/** The process may open few files, and more clients come than that: newcomers are told so, nobody else notices. */
import { Api } from "../client/api.ts";
import { closeCrowd } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { descriptors: 400, newcomers: 600 },
  short: { descriptors: 4000, newcomers: 6000 },
  long: { descriptors: 16_000, newcomers: 18_000 },
} satisfies Record<Extent, unknown>;

const channel = "descriptors";
const atOnce = 200;

export const descriptorLimit: Fault = {
  title:
    "at the limit of open files newcomers get 503, those who are there are served, and it is over when they leave",
  async run(extent) {
    const { descriptors, newcomers } = sizes[extent];
    // More connections than files: the limit of connections is out of the way.
    const target = await startSoketify(
      { SOKETIFY_CONNECTIONS_MAX: "100000" },
      { wrap: ["prlimit", `--nofile=${descriptors}:${descriptors}`] },
    );
    try {
      let received = 0;
      let closed = 0;
      const listeners = { onEvent: () => (received += 1), onClose: () => (closed += 1) };
      const { clients, refusals } = await storm(target, newcomers, listeners);
      const wasUnready = await health(target);
      const api = await Api.connect(target);
      const { status } = await api.publish(channel, 0);
      await until("everybody who is there has the event", () => received >= clients.length);
      // Who was refused saw an end too.
      const closedWhileFull = closed - refusals.length;
      closeCrowd(clients);
      await until("the server is ready again", async () => (await health(target)).status === 200);
      const again = await storm(target, Math.floor(clients.length / 2), {});
      closeCrowd(again.clients);
      api.close();
      const others = refusals.filter((refusal) => !refusal.includes("503"));
      return {
        figures: {
          "files that the process may open": descriptors,
          newcomers,
          "let in": clients.length,
          "refused with 503": refusals.length - others.length,
          "refused otherwise": others.length === 0 ? 0 : `${others.length}, such as ${others[0]}`,
        },
        problems: failures({
          "somebody was refused": refusals.length > 0,
          "every refusal is a 503": others.length === 0,
          "at least three quarters of the files serve clients": clients.length >= 0.7 * descriptors,
          "the server says that it is unready for its open files": wasUnready.body.includes("open files"),
          "the HTTP API takes an event meanwhile": status === 200,
          "everybody who is there receives it once": received === clients.length,
          "nobody who is there is closed": closedWhileFull === 0,
          "newcomers are let in once others left": again.refusals.length === 0,
        }),
      };
    } finally {
      await target.stop();
    }
  },
};

/** Opens as many connections as it can; answers those and why the others could not be. */
async function storm(target: Target, count: number, listeners: object) {
  const clients: LightClient[] = [];
  const refusals: string[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      try {
        const client = await LightClient.connect({ port: target.port, key: target.app.key }, listeners);
        await client.subscribe(channel);
        clients.push(client);
      } catch (error) {
        refusals.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return { clients, refusals };
}

if (import.meta.main) await runAsProgram(descriptorLimit);
