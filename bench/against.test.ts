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

/** A server with public channels and nothing else of the protocol. */
function startDummy() {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response("", { status: 404 })),
    websocket: {
      open(socket) {
        socket.send('{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.1\\"}"}');
      },
      message(socket, text) {
        const { channel } = JSON.parse(String(text)).data;
        if (/^(private|presence)-/.test(channel)) return;
        socket.send(JSON.stringify({ event: "pusher_internal:subscription_succeeded", channel }));
      },
    },
  });
}

test("the same load runs for Soketify and for the other server, and the report keeps no secret", async () => {
  const url = `http://127.0.0.1:${server.port}`;
  const { printed, errors, code } = await run(commandOf(url, server.app.secret, "--mine", "connects"));
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

test("loads that the other server does not support are reported, and the others run", async () => {
  const dummy = startDummy();
  const name = dummy.url.host;
  const { printed, errors, code } = await run(
    commandOf(dummy.url.origin, "s", "--mine", "http", "connects", "presence", "idle"),
  );
  await dummy.stop(true);
  expect([code, errors]).toEqual([
    0,
    expect.stringContaining(`${name} lacks publishes: the server answered with 404`),
  ]);
  expect(errors).toContain(`${name} lacks presence channels: no answer within 3 s`);
  const rows = printed.split("\n").filter((line) => line.includes(name));
  const isRefused = (row: string) => row.includes("not supported");
  // Publishes with 1 and with 32 connections, connects, idle connections, presence.
  expect(rows.map(isRefused)).toEqual([true, true, true, false, true]);
  for (const row of rows.filter(isRefused)) expect(row).not.toMatch(/\| +0(\.0+)? \||Infinity|NaN/);
  const html = readFileSync(join(import.meta.dir, "results/against-quick.html"), "utf8");
  expect(html).not.toContain("NaN");
});

test("wrong credentials are refused before any load, with the other server's error", async () => {
  const { errors, code } = await run(
    commandOf(`http://127.0.0.1:${server.port}`, "wrong", "--mine", "connects"),
  );
  expect(code).toBe(2);
  expect(errors).toStartWith(`127.0.0.1:${server.port} answers the app with 401: Invalid signature`);
  expect(errors).toEndWith("\ncheck --app-id, --key and --secret\n");
});

test("an app that the other server does not know is refused before any load, with its answers", async () => {
  const app = ["--app-id", "unknown", "--key", "unknown", "--secret", "s"];
  const url = `http://127.0.0.1:${server.port}`;
  const { errors, code } = await run([
    process.execPath,
    program,
    "--against",
    url,
    ...app,
    "--quick",
    "--mine",
  ]);
  expect([code, errors]).toEqual([2, expect.stringContaining("accepts neither connections nor publishes")]);
  expect(errors).toContain("lacks publishes: the server answered with 404: Could not find app by id unknown");
});

test("a server that does not answer, an invalid URL, a missing app and an unknown scenario are named", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  for (const [command, sentence] of [
    [commandOf(url, "s", "--mine", "connects"), `127.0.0.1:${port} does not answer`],
    [commandOf("localhost", "s"), "localhost is not a URL such as http://127.0.0.1:6001"],
    [commandOf("https://127.0.0.1", "s"), "use http://HOST:PORT without a path"],
    [commandOf(url, "s", "capacity"), "there is no scenario capacity"],
    [[process.execPath, program, "--against", url], "--against needs the app of that server"],
  ] as const) {
    const { errors, code } = await run(command);
    expect([code, errors]).toEqual([2, expect.stringContaining(sentence)]);
  }
});

test("a server is loaded only after a person confirms that it is theirs", async () => {
  for (const url of [elsewhere, `http://127.0.0.1:${server.port}`]) {
    const { errors, code } = await run(commandOf(url, "s", "connects"));
    expect([code, errors]).toEqual([2, expect.stringContaining("load only your own server")]);
  }

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
  expect(shown).toContain("load only your own server");
});
