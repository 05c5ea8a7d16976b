/** More memory than the operator allows: newcomers are told so, nobody else notices, and it ends by itself. */
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { roomMebibytes: 50, channelsEach: 60 },
  short: { roomMebibytes: 100, channelsEach: 20 },
  long: { roomMebibytes: 200, channelsEach: 20 },
} satisfies Record<Extent, unknown>;

const channel = "memory";
const clientsMax = 15_000;
const clientsAtOnce = 100;

export const memoryWatermark: Fault = {
  title: "above its memory limit a node turns unready and refuses newcomers with 503 until it is below again",
  async run(extent) {
    const { roomMebibytes, channelsEach } = sizes[extent];
    const probe = await startSoketify();
    const baseBytes = await residentBytes(probe);
    await probe.stop();
    const limitBytes = baseBytes + roomMebibytes * 2 ** 20;
    const target = await startSoketify({ SOKETIFY_MEMORY_BYTES_MAX: String(limitBytes) });
    try {
      const crowd = await fill(target, channelsEach);
      const { clients, refusals } = crowd;
      const whenFull = await health(target);
      const peakBytes = await residentBytes(target);
      const api = await Api.connect(target);
      const { status } = await api.publish(channel, 0);
      await until("everybody who is there has the event", () => crowd.received >= clients.length);
      const closedWhileFull = crowd.closed - refusals.length;
      closeCrowd(clients);
      const left = performance.now();
      await until("the server is ready again", async () => (await health(target)).status === 200);
      const recoveryMs = performance.now() - left;
      const again = await LightClient.connect({ port: target.port, key: target.app.key }, {}).then(
        (client) => client.cut(),
        (error) => error,
      );
      api.close();
      return {
        figures: {
          "MiB at the start": baseBytes / 2 ** 20,
          "MiB allowed": limitBytes / 2 ** 20,
          "MiB at the peak": peakBytes / 2 ** 20,
          "clients let in": clients.length,
          "first refusal": refusals[0] ?? "none",
          "ms until ready again after they left": recoveryMs,
        },
        problems: failures({
          "newcomers are refused with 503":
            refusals.length > 0 && refusals.every((one) => one.includes("503")),
          "the server says that it is unready for its memory": whenFull.body.includes("memory above"),
          "the HTTP API takes an event meanwhile": status === 200,
          "everybody who is there receives it once": crowd.received === clients.length,
          "nobody who is there is closed": closedWhileFull === 0,
          "newcomers are let in once it is below again": again === undefined,
        }),
      };
    } finally {
      await target.stop();
    }
  },
};

/** Lets clients in until somebody is refused; what they receive from then on is counted too. */
async function fill(target: Target, channelsEach: number) {
  const crowd = { clients: [] as LightClient[], refusals: [] as string[], received: 0, closed: 0 };
  const listeners = { onEvent: () => (crowd.received += 1), onClose: () => (crowd.closed += 1) };
  const fillers = Array.from({ length: channelsEach }, (_, each) => `${"filler".repeat(20)}-${each}`);
  const join = async (index: number): Promise<void> => {
    try {
      const client = await LightClient.connect({ port: target.port, key: target.app.key }, listeners);
      const channels = [channel, ...fillers.map((filler) => `${filler}-${index}`)];
      await Promise.all(channels.map((each) => client.subscribe(each)));
      crowd.clients.push(client);
    } catch (error) {
      crowd.refusals.push(String(error));
    }
  };
  for (let count = 0; count < clientsMax && crowd.refusals.length === 0; count += clientsAtOnce)
    await inParallel(clientsAtOnce, (index) => join(count + index));
  return crowd;
}

async function residentBytes(target: Target): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${target.port}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(page)?.[1]);
}

if (import.meta.main) await runAsProgram(memoryWatermark);
