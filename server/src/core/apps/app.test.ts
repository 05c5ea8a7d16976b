import { expect, test } from "bun:test";
import { appRecord, secretOf } from "../../../test/support/app-record.ts";
import { activeSecret, pendingSecret } from "./app.ts";

const active = secretOf("active", "a");
const pending = secretOf("pending", "p");

test("an app has an active secret, and at most one pending", () => {
  const rotating = appRecord("1", [pending, active]);
  expect([activeSecret(rotating), pendingSecret(rotating)]).toEqual([active, pending]);
  expect(pendingSecret(appRecord("1", [active]))).toBeNull();
});

test("an app without an active secret is an error", () => {
  expect(() => activeSecret(appRecord("1", [pending]))).toThrow("App 1 has no active secret");
});
