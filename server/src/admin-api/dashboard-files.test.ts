import { expect, test } from "bun:test";
import { createDashboardFiles } from "./dashboard-files.ts";

test("every response forbids inline script and framing", async () => {
  for (const path of ["/", "/apps/1/console", "/assets/none.js"]) {
    const { headers } = await createDashboardFiles("").request(path);
    expect(headers.get("content-security-policy")).toContain("script-src 'self'; style-src 'self'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("the page may connect only to its own host and to the host of its sockets", async () => {
  const policyOf = async (source: string | null) =>
    (await createDashboardFiles("", () => source).request("/")).headers.get("content-security-policy");
  expect(await policyOf(null)).toContain("connect-src 'self';");
  expect(await policyOf("ws://box:6001")).toContain("connect-src 'self' ws://box:6001;");
});

test("the page is never cached, and a missing file is a 404 instead of the page", async () => {
  const files = createDashboardFiles("");
  expect((await files.request("/")).headers.get("cache-control")).toBe("no-store");
  expect((await files.request("/assets/none.js")).status).toBe(404);
  expect((await files.request("/assets/..%2f..%2fpackage.json")).status).toBe(404);
});
