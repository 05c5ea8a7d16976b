/**
 * The documentation site, with the HTML that `npm run build:site` writes: every link has a target, and every resource comes from the
 * site.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";

setDefaultTimeout(240_000);

const root = fileURLToPath(new URL("..", import.meta.url));
const site = mkdtempSync(join(tmpdir(), "soketify-site-"));
const pages = new Map<string, string>();

beforeAll(async () => {
  const vitepress = join(root, "node_modules/vitepress/bin/vitepress.js");
  // Without the scripts of the pages (`--mpa`), which take half of the processor time.
  const build = Bun.spawn(["node", vitepress, "build", "docs", "--mpa", "--outDir", site], {
    cwd: root,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([
    new Response(build.stdout).text(),
    new Response(build.stderr).text(),
    build.exited,
  ]);
  if (code !== 0) throw new Error(`The build of the site failed:\n${output}\n${errors}`);
  for (const file of new Glob("**/*.html").scanSync(site))
    pages.set(`/${file}`, readFileSync(join(site, file), "utf8"));
});

afterAll(() => rmSync(site, { recursive: true, force: true }));

test("each link has an existing page or file as its target, and an existing anchor in it", () => {
  const broken = [...pages].flatMap(([page, html]) =>
    attributes(html, "href")
      .filter((href) => !/^[a-z]+:/.test(href) && !leadsSomewhere(page, href))
      .map((href) => `${page} → ${href}`),
  );
  expect([...new Set(broken)]).toEqual([]);
});

test("each file that a page includes is in it", () => {
  const unresolved = [...pages].filter(([, html]) =>
    /&lt;&lt;&lt; ?@|Code snippet path not found/.test(html),
  );
  expect(unresolved.map(([page]) => page)).toEqual([]);
});

test("a page loads no script, style, font or picture from another host", () => {
  for (const html of pages.values()) {
    expect(attributes(html, "src").filter((src) => /^(https?:)?\/\//.test(src))).toEqual([]);
    expect([...html.matchAll(/<link [^>]*href="(?:https?:)?\/\/[^"]*"/g)].map(([link]) => link)).toEqual([]);
  }
});

test("each page of docs/ is in the menu", async () => {
  const menu = readFileSync(join(root, "docs/.vitepress/config.ts"), "utf8");
  const written = [...new Glob("docs/*/*.md").scanSync(root)].map((file) => `/${file.replace(/\.md$/, "")}`);
  expect(written.length).toBeGreaterThan(10);
  expect(written.filter((page) => !menu.includes(`"${page}"`))).toEqual([]);
});

function attributes(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => value);
}

function leadsSomewhere(from: string, href: string): boolean {
  const [path = "", anchor = ""] = href.split("#");
  const target = path === "" ? from : join(path.startsWith("/") ? "/" : dirname(from), path);
  // This benchmark report is an HTML file of its own, which is not part of the site.
  if (target.startsWith("/bench/results/full-run")) return true;
  const html = [target, `${target}.html`, join(target, "index.html")]
    .map((file) => pages.get(file))
    .find(Boolean);
  if (html === undefined) return existsSync(join(site, target));
  return anchor === "" || html.includes(`id="${decodeURIComponent(anchor)}"`);
}
