import { beforeEach, describe, expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fakes/fake-clock.ts";
import { hmacSha256 } from "../../protocol/signature.ts";
import type { AppRecord, Secret } from "./app.ts";
import { AppRegistry } from "./app-registry.ts";
import { newApp, newSecret } from "./new-app.ts";

const active = newSecret("active", "somebody", 0, "active value");
const pending = newSecret("pending", "somebody", 0, "pending value");
const revoked = newSecret("revoked", "somebody", 0, "revoked value");
let clock: FakeClock;
let registry: AppRegistry;

beforeEach(() => {
  clock = new FakeClock();
  registry = new AppRegistry(clock);
});

function app(id: string, key: string, secrets: readonly Secret[] = [active]): AppRecord {
  return { ...newApp({ id, key }, "somebody", 0), secrets };
}

function verify(secret: Secret | string): string | null {
  const value = typeof secret === "string" ? secret : secret.value;
  return registry.verify("1", "httpApi", "text", hmacSha256(value, "text"));
}

describe("during a rotation", () => {
  beforeEach(() => registry.replace(app("1", "key", [revoked, pending, active])));

  test("only the active and the pending secret verify, each reported by its id", () => {
    expect([verify(active), verify(pending)]).toEqual([active.id, pending.id]);
    expect([verify(revoked), verify("another value"), verify("no secret in this place")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("the active secret's signature comes first and the pending one's second", () => {
    const hex = [active, pending].map(({ value }) => hmacSha256(value, "text"));
    expect(registry.sign("1", "text")).toEqual(hex);
    expect(registry.signInBase64("1", "text")).toEqual(
      hex.map((one) => Buffer.from(one, "hex").toString("base64")),
    );
  });
});

test("without a pending secret only the active one verifies and signs", () => {
  registry.replace(app("1", "key", [active, revoked]));
  expect([verify(active), verify(revoked), verify("no secret in this place")]).toEqual([
    active.id,
    null,
    null,
  ]);
  expect(registry.sign("1", "text")).toHaveLength(1);
});

test("a signature in upper case is accepted, and any other text is not", () => {
  registry.replace(app("1", "key"));
  const signature = hmacSha256(active.value, "text");
  const given = [signature.toUpperCase(), signature.slice(1), `${signature}0`, "", "é".repeat(64)];
  expect(given.map((one) => registry.verify("1", "httpApi", "text", one))).toEqual([
    active.id,
    null,
    null,
    null,
    null,
  ]);
});

test("an unknown app verifies nothing and signs nothing", () => {
  expect(verify(active)).toBeNull();
  expect(registry.sign("1", "text")).toEqual([]);
});

test("an activation takes effect at the next check", () => {
  registry.replace(app("1", "key", [active, pending]));
  registry.replace(
    app("1", "key", [
      { ...active, state: "revoked" },
      { ...pending, state: "active" },
    ]),
  );
  expect([verify(active), verify(pending)]).toEqual([null, pending.id]);
});

test("the latest use of each secret and purpose is recorded and taken once", () => {
  registry.replace(app("1", "key", [active, pending]));
  const early = clock.now();
  verify(active);
  registry.verify("1", "signIn", "text", hmacSha256(active.value, "text"));
  clock.advance(5);
  verify(active);
  verify(pending);
  verify("another value");
  expect(registry.takeSecretUses()).toEqual(
    new Map([
      [active.id, { httpApi: early + 5, signIn: early }],
      [pending.id, { httpApi: early + 5 }],
    ]),
  );
  expect(registry.takeSecretUses().size).toBe(0);
});

test("an app from the registry contains no secret", () => {
  registry.replace(app("1", "key", [active, pending]));
  const shown = JSON.stringify([registry.byId("1"), registry.byKey("key"), registry.all()]);
  expect(shown).toContain('"id":"1"');
  for (const { value } of [active, pending]) expect(shown).not.toContain(value);
});

test("an app is found only by its newest key, and not after its removal", () => {
  registry.replace(app("1", "old"));
  registry.replace(app("1", "new"));
  expect([registry.byKey("old"), registry.byKey("new")?.id]).toEqual([null, "1"]);
  registry.remove("1");
  expect([registry.byKey("new"), registry.byId("1"), registry.all()]).toEqual([null, null, []]);
});

test("a key that moved to another app stays there when the first app is loaded again", () => {
  registry.replace(app("1", "key"));
  registry.replace(app("2", "key"));
  registry.replace(app("1", "another"));
  expect([registry.byKey("key")?.id, registry.byKey("another")?.id]).toEqual(["2", "1"]);
});

test("a rotation is described by the active secret and whether another one is pending", () => {
  const neverActivated = { ...active, createdAtMs: 3, activatedAtMs: null };
  registry.replace(app("1", "key", [neverActivated]));
  expect(registry.rotationOf("1")).toEqual({ secretId: active.id, activeSinceMs: 3, isRotating: false });
  registry.replace(app("1", "key", [{ ...active, activatedAtMs: 7 }, pending]));
  expect(registry.rotationOf("1")).toEqual({ secretId: active.id, activeSinceMs: 7, isRotating: true });
  expect(registry.rotationOf("2")).toBeNull();
});

test("an app without an active secret is refused, and the registered app stays", () => {
  registry.replace(app("1", "key"));
  expect(() => registry.replace(app("1", "key", [pending]))).toThrow("App 1 has no active secret");
  expect(verify(active)).toBe(active.id);
});

describe("a task that waits for a secret's revocation", () => {
  const reported: string[] = [];

  beforeEach(() => {
    reported.length = 0;
    registry.replace(app("1", "key", [pending, active]));
    for (const secret of [active, pending, revoked])
      registry.whenRevoked("1", secret.id, () => reported.push(secret.value));
  });

  test("runs once: immediately if the secret is not accepted, else when the app is replaced without it", () => {
    expect(reported).toEqual(["revoked value"]);
    registry.replace(app("1", "key", [active]));
    registry.replace(app("1", "key", [active]));
    expect(reported).toEqual(["revoked value", "pending value"]);
  });

  test("runs when its own app is removed, and not for other apps", () => {
    registry.replace(app("2", "another key"));
    registry.remove("2");
    expect(reported).toEqual(["revoked value"]);
    registry.remove("1");
    expect(reported).toEqual(["revoked value", "active value", "pending value"]);
  });

  test("replaces an earlier one for the same secret", () => {
    registry.whenRevoked("1", active.id, () => reported.push("later"));
    registry.remove("1");
    expect(reported).toEqual(["revoked value", "later", "pending value"]);
  });
});
