/** The server is killed and restarted; all clients reconnect at the same time, as stock clients do. */
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
  title: "clients of a killed server reconnect, subscribe again and miss no event afterwards",
  async run(extent) {
    const { connections, retryMs } = sizes[extent];
    let target = await startSoketify();
    const back = new Float64Array(connections);
    const received = new Uint32Array(connections);
    const clients: LightClient[] = [];
    let isKilled = false;
    let refusals = 0;

    const join = async (index: number): Promise<void> => {
      // The connection may end before `connect` resolves.
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
          refusals += 1; // the server is not listening yet, or overloaded: retry, as a client does
        }
      }
    };

    try {
      await inParallel(connections, join);
      isKilled = true;
      target = await target.restart();
      const restarted = performance.now();
      await until("all clients have reconnected", () => back.every((at) => at > 0), 120_000);
      const times = [...back].map((at) => at - restarted).sort((a, b) => a - b);
      const missing = await clientsWithoutEvent(target, received);
      isKilled = false;
      closeCrowd(clients);
      return {
        figures: {
          connections,
          "ms until half have reconnected": times[Math.floor(0.5 * connections)] ?? 0,
          "ms until 99 % have reconnected": times[Math.floor(0.99 * connections)] ?? 0,
          "ms until all have reconnected": times.at(-1) ?? 0,
          "failed attempts": refusals,
        },
        problems: failures({
          "every client receives the first event after it reconnected once": missing === 0,
        }),
      };
    } finally {
      await target.stop();
    }
  },
};

/** Publishes one event; returns how many clients did not receive it exactly once. */
async function clientsWithoutEvent(target: Target, received: Uint32Array): Promise<number> {
  received.fill(0);
  const api = await Api.connect(target);
  const { status, body } = await api.publish(channel, 0);
  api.close();
  if (status !== 200) throw new Error(`the server answered the event with ${status}: ${body}`);
  await until("every client received the event", () => received.every((count) => count > 0));
  return received.reduce((wrong, count) => wrong + (count === 1 ? 0 : 1), 0);
}

if (import.meta.main) await runAsProgram(connectStorm);
