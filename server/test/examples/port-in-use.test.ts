/** Each example that listens, on a port in use: it names the port, and says how to choose another. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { examples } from "../support/start-example.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const taken = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: { data: (socket) => socket.terminate() },
});
const port = String(taken.port);
const unavailable = `Port ${port} is not available (EADDRINUSE). Set PORT to another port.`;
const vite = ["node", "../../node_modules/vite/bin/vite.js", "--host", "127.0.0.1"];
/** Vite says that the port is in use, and uses the next free one. */
const next = `Port ${port} is in use, trying another one...`;

/** The command in the folder of the example, and the line that it prints. */
const programs: Readonly<Record<string, readonly [command: readonly string[], line: string]>> = {
  "auth-express": [["node", "server.js"], unavailable],
  "auth-hono": [[process.execPath, "server.js"], unavailable],
  chat: [["node", "server.js"], unavailable],
  cluster: [
    [process.execPath, "cluster.ts", "--chat-port", port],
    `Port ${port} is not available. Set --chat-port to another port.`,
  ],
  "first-event": [["node", "serve.js"], unavailable],
  php: [["php", "-S", `127.0.0.1:${port}`, "server.php"], `Failed to listen on 127.0.0.1:${port}`],
  react: [vite, next],
  recovery: [["node", "server.js"], unavailable],
  svelte: [vite, next],
  vue: [vite, next],
};
/** `npm run check:deploy` checks FastAPI and Go. Next.js is not installed. The others do not listen. */
const others = ["backup", "fastapi", "go", "http-api", "laravel", "next"];

afterAll(() => taken.stop(true));

test.each(Object.entries(programs))("the example %s names the port in use", async (name, [command, line]) => {
  const [program = "", ...args] = command;
  const { PATH, HOME, TEST_RUN_ID } = process.env;
  const app = { SOKETIFY_APP_ID: "1", SOKETIFY_APP_KEY: "key", SOKETIFY_APP_SECRET: "secret" };
  const child = spawn(program, args, {
    cwd: `${examples}/${name}`,
    env: { PATH, HOME, TEST_RUN_ID, PORT: port, ...app },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  if (line === next) {
    await until("Vite to listen", () => /http:\/\/127\.0\.0\.1/.test(printed));
    child.kill();
    await closed;
  } else expect(await closed).toEqual([1, null]);
  expect(printed).toContain(line);
  expect(printed).not.toMatch(/^ +at /m);
});

test("each example that listens is listed here", () => {
  expect(readdirSync(examples).toSorted()).toEqual([...Object.keys(programs), ...others].toSorted());
});
