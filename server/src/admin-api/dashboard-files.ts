/** Serves the built dashboard from memory. Browsers may cache its hashed files forever, but not the page itself. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { Hono } from "hono";

/** The folder beside the bundle in the published package; Vite's output folder in a checkout. */
const folders = [
  join(import.meta.dir, "dashboard"),
  join(import.meta.dir, "..", "..", "..", "dashboard", "dist"),
];
const page = "index.html";
const securityHeaders = {
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/**
 * Mount it at `/dashboard`. For paths without a file it returns the page, which has its own routes.
 * @param pathPrefix the prefix of `/dashboard` in browsers' URLs; empty, or with a leading slash
 * @param socketSource returns the host for WebSockets of the page at this URL; null: the page's own host
 */
export function createDashboardFiles(
  pathPrefix: string,
  socketSource: (pageUrl: string) => string | null = () => null,
): Hono {
  const files = findFiles();
  const routes = new Hono();
  routes.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) context.header(name, value);
    context.header("content-security-policy", contentSecurityPolicy(socketSource(context.req.url)));
  });
  routes.get("/assets/:name", async (context) => {
    const file = files.get(context.req.param("name"));
    if (file === undefined) return context.text("Not found: the dashboard has no such file\n", 404);
    return new Response(file, { headers: { "cache-control": "public, max-age=31536000, immutable" } });
  });
  routes.get("/icon.svg", (context) => {
    const icon = files.get("icon.svg");
    return icon === undefined ? context.notFound() : new Response(icon);
  });
  routes.get("/*", async (context) => {
    context.header("cache-control", "no-store");
    const file = files.get(page);
    if (file === undefined) return context.text("The dashboard is not built: npm run build makes it\n", 503);
    const html = await file.text();
    return context.html(html.replace('<base href="/dashboard/">', `<base href="${pathPrefix}/dashboard/">`));
  });
  return routes;
}

function contentSecurityPolicy(socketSource: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${socketSource === null ? "" : ` ${socketSource}`}`,
    "form-action 'self'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** By file name, which Vite's hash makes unique. */
function findFiles(): Map<string, Blob> {
  if (Bun.embeddedFiles.length > 0) return new Map(Bun.embeddedFiles.map((file) => [nameOf(file), file]));
  const folder = folders.find((candidate) => existsSync(join(candidate, page)));
  if (folder === undefined) return new Map();
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return new Map(paths.map((path) => [basename(path), Bun.file(join(folder, path))]));
}

function nameOf(file: Blob): string {
  return "name" in file && typeof file.name === "string" ? basename(file.name) : "";
}
