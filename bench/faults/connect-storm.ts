/** R2: the server is killed and started again; all clients come back at once, as stock clients do. */
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 200, retryMs: 50 },
  short: { connections: 10_000, retryMs: 1000 },
  long: { connections: 18_000, retryMs: 1000 },
} satisfies Record<Extent, unknown>;

const channel = "private-storm";

export const connectStorm: Fault = {
  title: "after a kill every client comes back, subscribes again and misses nothing from then on",
  async run(extent) {
    const { connections, retryMs } = sizes[extent];
    let target = await startSoketify();
    const back = new Float64Array(connections);
    const received = new Uint32Array(connections);
    const clients: LightClient[] = [];
    let isKilled = false;
    let refusals = 0;

    const join = async (index: number): Promise<void> => {
      // Its connection may end before it is known here.
      let client: LightClient | null = null;
      client = await LightClient.connect(
        { port: target.port, key: target.app.key },
        {
          onEvent: () => {
            received[index] = (received[index] ?? 0) + 1;
          },
          onClose: () => {
            if (isKilled && clients[index] === client) void comeBack(index);
          },
        },
      );
      await client.subscribe(channel, channelCredentials(target.app, await client.socketId, channel));
      clients[index] = client;
      if (isKilled) back[index] = performance.now();
    };
    const comeBack = async (index: number): Promise<void> => {
      for (;;) {
        await Bun.sleep(retryMs);
        try {
          return await join(index);
        } catch {
          refusals += 1; // the server is not there yet, or overwhelmed: a client tries again
        }
      }
    };

    try {
      await inParallel(connections, join);
      isKilled = true;
      target = await target.restart();
      const restarted = performance.now();
      await until("every client is back", () => back.every((at) => at > 0), 120_000);
      const times = [...back].map((at) => at - restarted).sort((a, b) => a - b);
      const deaf = await clientsWithoutEvent(target, received);
      isKilled = false;
      closeCrowd(clients);
      return {
        figures: {
          connections,
          "ms until half are back": times[Math.floor(0.5 * connections)] ?? 0,
          "ms until 99 % are back": times[Math.floor(0.99 * connections)] ?? 0,
          "ms until all are back": times.at(-1) ?? 0,
          "attempts that failed": refusals,
        },
        problems: failures({
          "every client receives the first event after its return, once": deaf === 0,
        }),
      };
    } finally {
      await target.stop();
    }
  },
};

/** Publishes one event; answers how many clients did not receive it exactly once. */
async function clientsWithoutEvent(target: Target, received: Uint32Array): Promise<number> {
  received.fill(0);
  const api = await Api.connect(target);
  const { status, body } = await api.publish(channel, 0);
  api.close();
  if (status !== 200) throw new Error(`the event was answered ${status}: ${body}`);
  await until("every client received the event", () => received.every((count) => count > 0));
  return received.reduce((wrong, count) => wrong + (count === 1 ? 0 : 1), 0);
}

if (import.meta.main) await runAsProgram(connectStorm);
