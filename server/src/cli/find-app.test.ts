import { expect, test } from "bun:test";
import { describedApp } from "../../test/support/described-app.ts";
import { AdminClient } from "./admin-client.ts";
import { findAppId } from "./find-app.ts";

/** Each page has one app, and each search matches all apps. */
const pages = [
  describedApp("1", "shop", "Blog"),
  describedApp("2", "blog", "Shop"),
  describedApp("3", "k3", "Twin"),
  describedApp("4", "k4", "2024"),
  describedApp("5", "k5", "Twin"),
  describedApp("app-id", "app-key", "3"),
];
const searches: string[] = [];

const admin = new AdminClient("http://localhost", null, async ({ url }) => {
  const { searchParams, pathname } = new URL(url);
  const [, given] = /\/apps\/([^/]+)$/.exec(pathname) ?? [];
  if (given !== undefined) return answerFor(given);
  searches.push(searchParams.get("search") ?? "");
  const at = Number(searchParams.get("cursor") ?? 0);
  const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
  return Response.json({ apps: pages.slice(at, at + 1), total: pages.length, nextCursor });
});

function answerFor(appId: string): Response {
  const found = pages.find(({ id }) => id === appId);
  if (found !== undefined) return Response.json({ app: found });
  const code = appId === "blog" ? "forbidden" : "app_not_found";
  return Response.json({ type: "x", title: "x", status: 404, detail: "x", code }, { status: 404 });
}

test.each([
  ["key", "shop", "1"],
  ["key, with a token for other apps", "blog", "2"],
  ["name", "Shop", "2"],
  ["name, although it looks like an id", "2024", "4"],
])("an app is found by its %s", async (_, given, id) => {
  expect(await findAppId(admin, given)).toBe(id);
});

test.each(["3", "app-id"])("the id %s needs no search and wins over another app's name", async (id) => {
  searches.length = 0;
  expect(await findAppId(admin, id)).toBe(id);
  expect(searches).toEqual([]);
});

test("a name that no app or two apps have is rejected", async () => {
  await expect(findAppId(admin, "Twin")).rejects.toThrow("use one of the ids 3, 5");
  await expect(findAppId(admin, "Sho")).rejects.toThrow("`soketify app list` shows all apps");
});
