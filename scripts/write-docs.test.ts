import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import { messageErrors } from "./docs/errors-page.ts";
import { writtenPages } from "./write-docs.ts";

test.each(await writtenPages())(
  "$name is up to date with the code (npm run docs writes it)",
  async ({ path, text }) => {
    expect(await Bun.file(path).text()).toBe(text);
  },
);

test("the server sends each error without a code that the page lists", () => {
  const source = fileURLToPath(new URL("../server/src", import.meta.url));
  const files = [...new Glob("{actions,protocol}/*.ts").scanSync(source)].filter(
    (file) => !file.endsWith(".test.ts"),
  );
  const code = files.map((file) => readFileSync(`${source}/${file}`, "utf8")).join("\n");
  expect(Object.keys(messageErrors).filter((text) => !code.includes(text))).toEqual([]);
});
