import { expect, test } from "bun:test";
import { MemoryAppStore } from "../../../test/support/fakes/memory-app-store.ts";
import { newApp, newSecret } from "../../core/apps/new-app.ts";
import { AppConflict } from "../../core/ports/app-store.ts";
import { AppsDocumentUnusable, readAppsDocument, writeAppsDocument } from "./apps-document.ts";
import { importApps } from "./import-apps.ts";

const passphrase = "correct horse battery";
const app = newApp(
  { name: "an app", settings: { connectionsMax: 7, allowedOrigins: ["https://example.com"] } },
  "cli",
  5,
);
const rotating = { ...newApp({ name: "another" }, "cli", 6), revision: 9 };
const apps = [app, { ...rotating, secrets: [...rotating.secrets, newSecret("pending", "cli", 7)] }];

test("readAppsDocument returns apps with their settings and secrets, at revision 1", async () => {
  const text = await writeAppsDocument(apps, passphrase, 10);
  expect(await readAppsDocument(text, passphrase)).toEqual(apps.map((one) => ({ ...one, revision: 1 })));
});

test("writeAppsDocument writes no readable secret and only changed settings", async () => {
  const text = await writeAppsDocument(apps, passphrase, 10);
  for (const { secrets } of apps) for (const { value } of secrets) expect(text).not.toContain(value);
  expect(JSON.parse(text).apps[0].settings).toEqual({
    connectionsMax: 7,
    allowedOrigins: ["https://example.com"],
  });
});

test("readAppsDocument refuses another passphrase, and a secret moved to another app", async () => {
  const document = JSON.parse(await writeAppsDocument(apps, passphrase, 10));
  await expect(readAppsDocument(JSON.stringify(document), "another passphrase")).rejects.toThrow(
    /passphrase is wrong/,
  );
  document.apps[0].secrets[0].sealed = document.apps[1].secrets[0].sealed;
  await expect(readAppsDocument(JSON.stringify(document), passphrase)).rejects.toThrow(/was altered/);
});

test("writeAppsDocument refuses a short passphrase", async () => {
  await expect(writeAppsDocument(apps, "short", 10)).rejects.toThrow("at least 12 characters");
});

test("readAppsDocument refuses another kind of file, and names the location of invalid values", async () => {
  const document = JSON.parse(await writeAppsDocument(apps, passphrase, 10));
  const altered = (change: (app: Record<string, unknown>) => void) => {
    const copy = structuredClone(document);
    change(copy.apps[0]);
    return JSON.stringify(copy);
  };
  const refusals: [string, RegExp][] = [
    ["nothing", /not JSON/],
    ["[]", /not written by soketify export/],
    [
      altered((first) => Object.assign(first, { secrets: [] })),
      /needs one active secret.*apps\[0\]\.secrets/s,
    ],
    [
      altered((first) => Object.assign(first, { settings: { connectionsMax: -1 } })),
      /apps\[0\]\.settings\.connectionsMax/,
    ],
    [altered((first) => Object.assign(first, { settings: { unheardOf: 1 } })), /unheardOf/],
  ];
  for (const [text, why] of refusals) {
    await expect(readAppsDocument(text, passphrase)).rejects.toThrow(why);
    await expect(readAppsDocument(text, passphrase)).rejects.toBeInstanceOf(AppsDocumentUnusable);
  }
});

test("importApps creates new apps, and refuses, skips or replaces existing ones", async () => {
  const store = new MemoryAppStore([{ ...app, name: "before", revision: 3 }]);
  const imported = apps.map((one) => ({ ...one, revision: 1 }));
  await expect(importApps(store, imported, "refuse")).rejects.toBeInstanceOf(AppConflict);
  expect(await store.list()).toHaveLength(1);
  expect(await importApps(store, imported, "skip")).toEqual({
    created: [rotating.id],
    replaced: [],
    skipped: [app.id],
  });
  expect((await store.find(app.id))?.name).toBe("before");
  expect(await importApps(store, imported.slice(0, 1), "replace")).toEqual({
    created: [],
    replaced: [app.id],
    skipped: [],
  });
  expect(await store.find(app.id)).toEqual({ ...app, revision: 4 });
});
