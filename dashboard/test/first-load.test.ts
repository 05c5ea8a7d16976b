import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dir, "..", "dist");
const firstLoadBytesMax = 300_000;

test("the first load is under 300 KB, compressed", () => {
  expect(existsSync(join(dist, "index.html"))).toBe(true);
  const page = readFileSync(join(dist, "index.html"));
  const files = [...page.toString().matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path = ""]) =>
    readFileSync(join(dist, path)),
  );
  expect(files.length).toBeGreaterThan(1);
  const bytes = [page, ...files].reduce((sum, file) => sum + Bun.gzipSync(file).length, 0);
  expect(bytes).toBeLessThan(firstLoadBytesMax);
});

test("the page contains no inline script or style", () => {
  const page = readFileSync(join(dist, "index.html"), "utf8");
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)/);
});
