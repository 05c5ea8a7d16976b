/** Runs a proxy in front of a server, with its files in a temporary folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";

export interface RunningProxy {
  remove(): Promise<void>;
}

/**
 * Resolves when the proxy answers for the server.
 * @param commandIn writes the proxy's files into the folder, and returns its command line
 * @param signal ends it with all its processes, without waiting for open WebSockets
 */
export async function runProxy(
  url: string,
  commandIn: (folder: string) => readonly string[],
  signal: "SIGTERM" | "SIGKILL",
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-proxy-"));
  const env = { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder };
  const proxy = Bun.spawn([...commandIn(folder)], { env, stdio: ["ignore", "ignore", "ignore"] });
  await until("an answer through the proxy", async () => {
    const options = { tls: { rejectUnauthorized: false } };
    const answer = await fetch(`${url}/health/ready`, options).catch(() => null);
    return answer?.status === 200;
  });
  return {
    async remove() {
      proxy.kill(signal);
      await proxy.exited;
      rmSync(folder, { recursive: true });
    },
  };
}
