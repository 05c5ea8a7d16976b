import { expect, test } from "bun:test";
import { defaultAppSettings } from "./app-settings.ts";
import { newApp, newSecret } from "./new-app.ts";

test("a new app is enabled, and has an active secret and the default settings", () => {
  const app = newApp({ settings: { connectionsMax: 5 } }, "ada@example.com", 7);
  expect(app).toMatchObject({ isEnabled: true, name: `App ${app.id}`, createdAtMs: 7, revision: 1 });
  expect(app.settings).toEqual({ ...defaultAppSettings, connectionsMax: 5 });
  expect(app.secrets).toMatchObject([{ state: "active", createdBy: "ada@example.com", activatedAtMs: 7 }]);
  expect(app.id).toMatch(/^\d{10}$/);
  expect(app.key).toMatch(/^[0-9a-f]{20}$/);
});

test("a pending secret is not activated yet", () => {
  expect(newSecret("pending", "cli", 7)).toMatchObject({ createdAtMs: 7, activatedAtMs: null });
});
