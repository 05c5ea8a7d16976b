/** Starts an example with the steps of its README, beside a server, and waits until it answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "./net/free-port.ts";
import type { RunningServer } from "./start-server.ts";
import { until } from "./until.ts";

export interface RunningExample {
  readonly url: string;
  stop(): Promise<void>;
}

export const examples = fileURLToPath(new URL("../../../examples", import.meta.url));

/** The environment with the server's address and app for an example. */
export function exampleEnv({ host, port, app }: RunningServer): Record<string, string> {
  return {
    SOKETIFY_HOST: host,
    SOKETIFY_PORT: String(port),
    SOKETIFY_APP_ID: app.id,
    SOKETIFY_APP_KEY: app.key,
    SOKETIFY_APP_SECRET: app.secret,
  };
}

/** Runs the program in the folder of the example, and waits until it answers on the port in `PORT`. */
export async function startExample(
  server: RunningServer,
  name: string,
  program: string,
  ...args: readonly string[]
): Promise<RunningExample> {
  const port = await freePort();
  const child = spawn(program, args, {
    cwd: `${examples}/${name}`,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TEST_RUN_ID: process.env.TEST_RUN_ID,
      PORT: String(port),
      ...exampleEnv(server),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await until(`the example ${name} to answer`, () => {
    if (child.exitCode !== null) throw new Error(`The example ${name} ended with code ${child.exitCode}`);
    return fetch(url).then(
      () => true,
      () => false,
    );
  });
  return {
    url,
    async stop() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}
