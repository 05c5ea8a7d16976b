/**
 * The code in the documentation: a page includes it from a file that a test runs (`<<< @/path`), so that it cannot become wrong
 * unnoticed. The commands in shell blocks are checked in docs-commands.test.ts.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { includesOf, pages, textBlocksOf } from "./docs/pages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** By path prefix: the test that runs the code below this path, and the text in the test that shows it. */
const runBy: Readonly<Record<string, readonly [file: string, words: string]>> = {
  "deploy/helm/values/": ["scripts/check-deploy/chart.ts", "deploy/helm/values"],
  "docs/snippets/answers/": ["server/test/examples/snippets.test.ts", "answers/"],
  "docs/snippets/clients/": ["server/test/examples/snippets.test.ts", "clients/"],
  "docs/snippets/env/": ["server/test/examples/snippets.test.ts", "env/"],
  "docs/snippets/proxies/Caddyfile": ["server/test/support/net/documented-proxies.ts", "Caddyfile"],
  "docs/snippets/proxies/haproxy.cfg": ["server/test/support/net/documented-proxies.ts", "haproxy.cfg"],
  "docs/snippets/proxies/nginx": ["server/test/support/net/nginx.ts", "docs/snippets/proxies/nginx"],
  "docs/snippets/webhooks/": ["server/test/examples/snippets.test.ts", "webhooks/"],
  "examples/auth-express/": ["server/test/examples/authorization.test.ts", "auth-express"],
  "examples/backup/": ["server/test/examples/scripts.test.ts", "backup/"],
  "examples/chat/": ["server/test/examples/chat.test.ts", "examples/chat/server.js"],
  "examples/fastapi/": ["scripts/check-deploy/examples.ts", "examples/fastapi"],
  "examples/first-event/": ["server/test/examples/pages.test.ts", "first-event"],
  "examples/http-api/": ["server/test/examples/scripts.test.ts", "http-api/"],
  "examples/laravel/": ["server/test/examples/laravel.test.ts", "config/broadcasting.php"],
  "examples/next/": ["server/test/examples/authorization.test.ts", "/next/app"],
  "examples/php/": ["server/test/examples/authorization.test.ts", "server.php"],
  "packages/admin/example.js": ["packages/admin/test/package.test.ts", "example.js"],
};

/** Files that no test runs: their programs are in no package registry from which the tests install. The page says so. */
const notRun = ["docs/snippets/env/laravel-reverb.env", "docs/snippets/proxies/traefik.yaml"];

/** Blocks whose text is in the page itself: the page, the block's first line, and what checks the block. */
const allowed: readonly (readonly [page: string, firstLine: string, because: string])[] = [
  ["packages/admin/README.md", 'import { AdminClient } from "@soketify/admin";', "package.test.ts runs it"],
  ["packages/recovery/README.md", 'import Pusher from "pusher-js";', "readme.test.ts runs it"],
];

test("each block of code is included from a file, or is on the list of those that a test reads from the page", () => {
  const blocks = pages().flatMap((page) => textBlocksOf(page).map((block) => ({ page, ...block })));
  const code = blocks.filter(({ language }) => !["sh", "promql", ""].includes(language));
  const others = code.filter(
    ({ page, text }) => !allowed.some(([path, first]) => path === page && text.startsWith(`${first}\n`)),
  );
  expect(others.map(({ page, line, language }) => `${page}:${line} has ${language}`)).toEqual([]);
  expect(code.length).toBe(allowed.length);
});

test("each included file and region exists", () => {
  const missing = pages().flatMap((page) =>
    includesOf(page)
      .filter(({ path, region }) => !hasRegion(path, region))
      .map(({ path, region }) => `${page} includes ${path}#${region}`),
  );
  expect(missing).toEqual([]);
});

test("each included file is run by a test or a check", () => {
  const included = new Set(pages().flatMap((page) => includesOf(page).map(({ path }) => path)));
  expect(included.size).toBeGreaterThan(25);
  const unknown = [...included].filter(
    (path) => !notRun.includes(path) && !Object.keys(runBy).some((start) => path.startsWith(start)),
  );
  expect(unknown).toEqual([]);
  for (const [start, [file, words]] of Object.entries(runBy)) {
    expect([...included].some((path) => path.startsWith(start))).toBe(true);
    expect(readFileSync(`${root}/${file}`, "utf8")).toContain(words);
  }
});

test("a page that includes a file that no test runs says so", () => {
  for (const path of notRun) {
    const including = pages().filter((page) => includesOf(page).some((one) => one.path === path));
    expect(including).toHaveLength(1);
    const words = readFileSync(`${root}/${including[0]}`, "utf8").replaceAll(/\s+/g, " ");
    expect(words).toContain("No test runs this");
  }
});

function hasRegion(path: string, region: string): boolean {
  if (!existsSync(`${root}/${path}`)) return false;
  return region === "" || new RegExp(`#region ${region}$`, "m").test(readFileSync(`${root}/${path}`, "utf8"));
}
