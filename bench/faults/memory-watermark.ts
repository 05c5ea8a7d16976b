/** A node exceeds its memory limit: it refuses new clients, serves connected ones, and recovers without an operator. */
import { Api } from "../client/api.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { ConnectingClients } from "./connecting-clients.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { roomMebibytes: 50, channelsEach: 60 },
  short: { roomMebibytes: 100, channelsEach: 20 },
  long: { roomMebibytes: 200, channelsEach: 20 },
} satisfies Record<Extent, unknown>;

const clientsMax = 15_000;
const clientsAtOnce = 100;

export const memoryWatermark: Fault = {
  title:
    "a node above its memory limit is unready and refuses new clients with 503 until memory is 5 % below the limit",
  async run(extent) {
    const { roomMebibytes, channelsEach } = sizes[extent];
    const probe = await startSoketify();
    const baseBytes = await residentBytes(probe);
    await probe.stop();
    const limitBytes = baseBytes + roomMebibytes * 2 ** 20;
    const target = await startSoketify({ SOKETIFY_MEMORY_BYTES_MAX: String(limitBytes) });
    try {
      const fillers = Array.from({ length: channelsEach }, (_, each) => `${"filler".repeat(20)}-${each}`);
      const crowd = new ConnectingClients(target, (index) => fillers.map((filler) => `${filler}-${index}`));
      const { clients, refusals } = crowd;
      while (refusals.length === 0 && clients.length < clientsMax) await crowd.connect(clientsAtOnce);
      const whenFull = await health(target);
      const peakBytes = await residentBytes(target);
      const api = await Api.connect(target);
      const problems = await crowd.checkDelivery(api);
      api.close();
      crowd.leave();
      const left = performance.now();
      await until("the server is ready again", async () => (await health(target)).status === 200);
      const recoveryMs = performance.now() - left;
      const again = new ConnectingClients(target);
      await again.connect(1);
      again.leave();
      return {
        figures: {
          "MiB at the start": baseBytes / 2 ** 20,
          "MiB at the limit": limitBytes / 2 ** 20,
          "MiB at the peak": peakBytes / 2 ** 20,
          "clients accepted": clients.length,
          "first refusal": refusals[0] ?? "none",
          "ms until ready after the clients left": recoveryMs,
        },
        problems: [
          ...problems,
          ...failures({
            "new clients are refused with 503":
              refusals.length > 0 && refusals.every((one) => one.includes("503")),
            "the server reports that it is unready because of its memory":
              whenFull.body.includes("memory above"),
            "new clients are accepted after memory is below the limit": again.refusals.length === 0,
          }),
        ],
      };
    } finally {
      await target.stop();
    }
  },
};

async function residentBytes(target: Target): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${target.port}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(page)?.[1]);
}

if (import.meta.main) await runAsProgram(memoryWatermark);
