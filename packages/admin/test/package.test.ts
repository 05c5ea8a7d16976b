/** The published package, installed and used as its users do. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningServer, startServer } from "../../../server/test/support/start-server.ts";

setDefaultTimeout(120_000);

const root = fileURLToPath(new URL("../../..", import.meta.url));
const packageFolder = join(root, "packages/admin");
const gzipBytesMax = 1_500;

const folder = mkdtempSync(join(tmpdir(), "soketify-admin-"));
const installed = join(folder, "node_modules/@soketify/admin");
let files: string[];
let server: RunningServer;

beforeAll(async () => {
  const packed = run("npm", ["pack", "--json", "--pack-destination", folder], packageFolder);
  const [{ filename, files: listed }] = JSON.parse(packed.slice(packed.indexOf("[")));
  files = listed.map(({ path }: { path: string }) => path);
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", join(folder, filename), "--strip-components=1", "-C", installed], folder);
  server = await startServer();
});
afterAll(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: "utf8" as const,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stdout}${stderr}`);
  return stdout;
}

function readme(): string {
  return readFileSync(join(packageFolder, "README.md"), "utf8");
}

test("the package has the module, its types and the README, and nothing else", () => {
  expect(files.sort()).toEqual([
    "README.md",
    "dist/admin-error.d.ts",
    "dist/admin.d.ts",
    "dist/admin.js",
    "dist/endpoints.d.ts",
    "package.json",
  ]);
});

test(`the module is smaller than ${gzipBytesMax} bytes with gzip, as the README says`, () => {
  const bytes = Bun.gzipSync(readFileSync(join(installed, "dist/admin.js"))).length;
  expect(bytes).toBeLessThan(gzipBytesMax);
  const [, kilobytes] = /one class of (\S+) KB \(gzip\)/.exec(readme()) ?? [];
  expect(Math.ceil(bytes / 100) / 10).toBeLessThanOrEqual(Number(kilobytes));
});

test.each(["node", process.execPath])("the example runs with %s", (runtime) => {
  cpSync(join(packageFolder, "example.js"), join(folder, "example.mjs"));
  const env = { SOKETIFY_URL: server.adminUrl, SOKETIFY_TOKEN: server.adminToken };
  const lines = run(runtime, ["example.mjs"], folder, env).split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^Created app \S+ with key \S+ and secret \S+$/),
    "Sent to 0 connections",
    expect.stringMatching(/^Use the new secret \S+ in your backends/),
    "404 app_not_found: There is no app unknown. See docs/reference/errors.md#app_not_found",
    "",
  ]);
});

test("the program in the README runs", async () => {
  await server.admin("POST", "/apps", { name: "Shop" });
  const [, program = ""] = /```js\n(.*?)```/s.exec(readme()) ?? [];
  writeFileSync(join(folder, "readme.mjs"), program.replace("http://localhost:6001", server.adminUrl));
  const output = run("node", ["readme.mjs"], folder, { SOKETIFY_TOKEN: server.adminToken });
  expect(output).toContain("Shop");
});

test.each(["nodenext", "bundler"])(
  "TypeScript checks calls with module resolution %s",
  (moduleResolution) => {
    const program = `
    import { AdminClient, AdminError, type App } from "@soketify/admin";
    const admin = new AdminClient("http://localhost:6001", { token: process.env.SOKETIFY_TOKEN });
    const { apps } = await admin.call("GET /apps");
    const names: string[] = apps.map(({ name }: App) => name);
    const stream: Response = await admin.call("GET /apps/{appId}/live", { path: { appId: names[0] ?? "" } });
    if (new AdminError({ type: "", title: "", status: 0, detail: "", code: "app_exists" }).code === "app_exists") await stream.text();
    // @ts-expect-error The path is missing
    await admin.call("GET /apps/{appId}");
    // @ts-expect-error There is no such request
    await admin.call("GET /app");
    // @ts-expect-error The name must be text
    await admin.call("POST /apps", { body: { name: 1 } });
  `;
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(
      join(folder, "program.ts"),
      `declare const process: { env: Record<string, string> };${program}`,
    );
    const kind = moduleResolution === "nodenext" ? "nodenext" : "esnext";
    const flags = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--target",
      "esnext",
      "--types",
      "",
    ];
    const tsc = join(root, "node_modules/.bin/tsc");
    run(tsc, [...flags, "--module", kind, "--moduleResolution", moduleResolution, "program.ts"], folder);
  },
);
