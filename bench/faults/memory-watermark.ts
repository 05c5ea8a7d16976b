/** More memory than the operator allows: newcomers are told so, nobody else notices, and it ends by itself. */
import { Api } from "../client/api.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until } from "./fault.ts";
import { Newcomers } from "./newcomers.ts";

const sizes = {
  quick: { roomMebibytes: 50, channelsEach: 60 },
  short: { roomMebibytes: 100, channelsEach: 20 },
  long: { roomMebibytes: 200, channelsEach: 20 },
} satisfies Record<Extent, unknown>;

const clientsMax = 15_000;
const clientsAtOnce = 100;

export const memoryWatermark: Fault = {
  title:
    "above its memory limit a node turns unready and refuses newcomers with 503 until it is 5 % below again",
  async run(extent) {
    const { roomMebibytes, channelsEach } = sizes[extent];
    const probe = await startSoketify();
    const baseBytes = await residentBytes(probe);
    await probe.stop();
    const limitBytes = baseBytes + roomMebibytes * 2 ** 20;
    const target = await startSoketify({ SOKETIFY_MEMORY_BYTES_MAX: String(limitBytes) });
    try {
      const fillers = Array.from({ length: channelsEach }, (_, each) => `${"filler".repeat(20)}-${each}`);
      const crowd = new Newcomers(target, (index) => fillers.map((filler) => `${filler}-${index}`));
      const { clients, refusals } = crowd;
      while (refusals.length === 0 && clients.length < clientsMax) await crowd.come(clientsAtOnce);
      const whenFull = await health(target);
      const peakBytes = await residentBytes(target);
      const api = await Api.connect(target);
      const problems = await crowd.hear(api);
      api.close();
      crowd.leave();
      const left = performance.now();
      await until("the server is ready again", async () => (await health(target)).status === 200);
      const recoveryMs = performance.now() - left;
      const again = new Newcomers(target);
      await again.come(1);
      again.leave();
      return {
        figures: {
          "MiB at the start": baseBytes / 2 ** 20,
          "MiB allowed": limitBytes / 2 ** 20,
          "MiB at the peak": peakBytes / 2 ** 20,
          "clients let in": clients.length,
          "first refusal": refusals[0] ?? "none",
          "ms until ready again after they left": recoveryMs,
        },
        problems: [
          ...problems,
          ...failures({
            "newcomers are refused with 503":
              refusals.length > 0 && refusals.every((one) => one.includes("503")),
            "the server says that it is unready for its memory": whenFull.body.includes("memory above"),
            "newcomers are let in once it is below again": again.refusals.length === 0,
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
