import { expect, test } from "bun:test";
import type { App } from "../admin-api/contract.ts";
import { defaultAppSettings } from "../core/app-settings.ts";
import { AdminClient } from "./admin-client.ts";
import { findAppId } from "./find-app.ts";

function app(id: string, key: string, name: string): App {
  return {
    ...{ id, key, name, isEnabled: true, settings: defaultAppSettings },
    ...{ createdAt: "2026-01-02T03:04:05.000Z", revision: 1, connectionCount: 0, messagesLastMinute: 0 },
    secret: { id: "s1", ageMs: 0, isOld: false, isRotating: false },
  };
}

/** A page holds one app, and a search finds every app. */
const pages = [
  app("1", "shop", "Blog"),
  app("2", "blog", "Shop"),
  app("3", "k3", "Twin"),
  app("4", "k4", "Twin"),
];
const searches: string[] = [];

const admin = new AdminClient("http://localhost", null, async ({ url }) => {
  const { searchParams } = new URL(url);
  searches.push(searchParams.get("search") ?? "");
  const at = Number(searchParams.get("cursor") ?? 0);
  const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
  return Response.json({ apps: pages.slice(at, at + 1), total: pages.length, nextCursor });
});

test.each([
  ["key", "shop", "1"],
  ["name", "Shop", "2"],
])("an app is found by its %s", async (_, given, id) => {
  expect(await findAppId(admin, given)).toBe(id);
});

test("digits are an id and need no search", async () => {
  searches.length = 0;
  expect(await findAppId(admin, "99")).toBe("99");
  expect(searches).toEqual([]);
});

test("a name that two apps have, or none, is refused", async () => {
  await expect(findAppId(admin, "Twin")).rejects.toThrow("give an id, one of 3, 4");
  await expect(findAppId(admin, "Sho")).rejects.toThrow("soketify app list shows all");
});
