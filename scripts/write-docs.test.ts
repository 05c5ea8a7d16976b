import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import { codeTable } from "../dashboard/src/connections/code-words.ts";
import { anchorOf } from "../docs/.vitepress/anchor-of.ts";
import { refusals } from "../server/src/core/refusal.ts";
import { errorPage } from "../server/src/protocol/error-page.ts";
import { closeCodes, eventCodes } from "../server/src/protocol/errors.ts";
import { messageErrors } from "./docs/errors-page.ts";
import { writtenPages } from "./write-docs.ts";

test.each(await writtenPages())(
  "$name is up to date with the code (npm run docs writes it)",
  async ({ path, text }) => {
    expect(await Bun.file(path).text()).toBe(text);
  },
);

const root = fileURLToPath(new URL("..", import.meta.url));

function sourceOf(folders: string, except?: string): string {
  const files = [...new Glob(`server/src/${folders}/**/*.ts`).scanSync(root)];
  const sources = files.filter((file) => !file.endsWith(".test.ts") && file !== except);
  return sources.map((file) => readFileSync(`${root}/${file}`, "utf8")).join("\n");
}

test("the page and the part of it that an error names exist", () => {
  const source = sourceOf("*");
  const sent = (pattern: RegExp) => [...source.matchAll(pattern)].map(([, status]) => Number(status));
  const statuses = sent(/\bHttpError\(\s*(\d{3})/g);
  const handshakes = sent(/\b(?:tryLater|errorPage\.handshake)\((\d{3})/g);
  expect(new Set(statuses).size).toBeGreaterThan(5);
  expect(new Set(handshakes)).toEqual(new Set([426, 429, 503]));
  const codes = [...Object.keys(codeTable).map(Number), ...Object.values({ ...closeCodes, ...eventCodes })];
  const named = [
    errorPage.message,
    ...codes.map(errorPage.code),
    ...statuses.map(errorPage.http),
    ...handshakes.map(errorPage.handshake),
    ...Object.keys(refusals).map(errorPage.admin),
  ];
  const [page = ""] = errorPage.message.split("#");
  const headings = readFileSync(`${root}/${page}`, "utf8").matchAll(/^#+ (.*)$/gm);
  const parts = new Set([...headings].map(([, heading = ""]) => `${page}#${anchorOf(heading)}`));
  expect([...new Set(named)].filter((one) => !parts.has(one))).toEqual([]);
});

test("the server sends each error without a code that the page lists", () => {
  const code = sourceOf("{actions,protocol}");
  expect(Object.keys(messageErrors).filter((text) => !code.includes(text))).toEqual([]);
});

test("the page lists each error without a code that the server sends", () => {
  const all = sourceOf("{actions,protocol}");
  // Refusals of subscriptions have a type.
  const others = sourceOf("{actions,protocol}", "server/src/actions/authorize-subscription.ts");
  const sent = [
    ...all.matchAll(/\bEventRefused\(\s*null,\s*["`](.*?)["`]/g),
    ...others.matchAll(/\brefuse\(\s*["`](.*?)["`]/g),
  ].map(([, text = ""]) => text.replaceAll(literal("name"), "user_data"));
  expect(sent.length).toBeGreaterThan(20);
  const listed = Object.keys(messageErrors);
  expect(sent.filter((text) => !listed.some((part) => text.includes(part)))).toEqual([]);
});

/** A place for a value in a template literal. */
function literal(name: string): string {
  return `$\{${name}}`;
}
