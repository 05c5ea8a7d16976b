/** `npm run bench -- --against URL`, with a Soketify server as the other server. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../server/test/support/net/free-port.ts";
import { type RunningServer, startServer } from "../server/test/support/start-server.ts";

setDefaultTimeout(240_000);

const program = join(import.meta.dir, "run.ts");
/** An address that is reserved for documentation. Nothing is sent to it, because the tests that use it omit `--mine`. */
const elsewhere = "http://192.0.2.1:6001";
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server?.remove());

function commandOf(url: string, secret: string, ...words: string[]): string[] {
  const { id, key } = server.app;
  const app = ["--app-id", id, "--key", key, "--secret", secret];
  return [process.execPath, program, "--against", url, ...app, "--quick", ...words];
}

async function run(command: readonly string[]) {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [printed, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { printed, errors, code };
}

test("the same load runs for Soketify and for the other server, and the report keeps no secret", async () => {
  const url = `http://127.0.0.1:${server.port}`;
  const { printed, errors, code } = await run(commandOf(url, server.app.secret, "connects"));
  expect([code, errors]).toEqual([0, expect.stringContaining("written: bench/results/against-quick.json")]);
  for (const name of ["soketify", `127.0.0.1:${server.port}`])
    expect(printed).toMatch(new RegExp(`${name} .*\\b300\\b`));
  const report = readFileSync(join(import.meta.dir, "results/against-quick.json"), "utf8");
  expect(report).not.toContain(server.app.secret);
  expect(JSON.parse(report)).toMatchObject({
    command: `npm run bench -- --against ${url} --quick connects`,
    sections: [{ rows: [{ target: "soketify" }, { target: `127.0.0.1:${server.port}` }] }],
  });
});

test("wrong credentials are refused before any load, with the other server's error", async () => {
  const { errors, code } = await run(commandOf(`http://127.0.0.1:${server.port}`, "wrong", "connects"));
  expect(code).toBe(2);
  expect(errors).toStartWith(`127.0.0.1:${server.port} answers the app with 401: Invalid signature`);
  expect(errors).toEndWith("\ncheck --app-id, --key and --secret\n");
});

test("a server that does not answer, an invalid URL, a missing app and an unknown scenario are named", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  for (const [command, sentence] of [
    [commandOf(url, "s", "connects"), `127.0.0.1:${port} does not answer`],
    [commandOf("localhost", "s"), "localhost is not a URL such as http://127.0.0.1:6001"],
    [commandOf("https://127.0.0.1", "s"), "use http://HOST:PORT without a path"],
    [commandOf(url, "s", "capacity"), "there is no scenario capacity"],
    [[process.execPath, program, "--against", url], "--against needs the app of that server"],
  ] as const) {
    const { errors, code } = await run(command);
    expect([code, errors]).toEqual([2, expect.stringContaining(sentence)]);
  }
});

test("a server of another machine is not loaded unless a person says that it is theirs", async () => {
  const { errors, code } = await run(commandOf(elsewhere, "s", "connects"));
  expect([code, errors]).toEqual([2, expect.stringContaining("load only a server that is yours")]);

  let shown = "";
  const terminal = Bun.spawn(commandOf(elsewhere, "s", "connects"), {
    terminal: {
      data(terminal, bytes) {
        shown += Buffer.from(bytes).toString();
        if (shown.endsWith("[y/N] ")) terminal.write("n\n");
      },
    },
  });
  expect(await terminal.exited).toBe(2);
  expect(shown).toContain("loads 192.0.2.1:6001 until it has no core left. Is that server yours?");
  expect(shown).toContain("load only a server that is yours");
});
