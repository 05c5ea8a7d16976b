/** The apps of this node, in memory. The only place that holds secrets: others ask it to verify or to sign. */
import { equalInConstantTime, hmacSha256 } from "../protocol/signature.ts";
import type { App, AppRecord, Secret, SecretLastUsed, SecretPurpose } from "./app.ts";
import type { Clock } from "./ports/clock.ts";
import { SettingCeilings } from "./setting-ceilings.ts";

/** Compared against where there is no pending secret, so that a check that fails takes the same time with or without one. */
const noSecret = "no secret in this place";

export interface Rotation {
  /** Of the active secret. */
  readonly secretId: string;
  readonly activeSinceMs: number;
  readonly isRotating: boolean;
}

interface Entry {
  readonly app: App;
  readonly active: Secret;
  readonly pending: Secret | null;
}

export class AppRegistry {
  readonly #clock: Clock;
  readonly #ceilings: SettingCeilings;
  readonly #byId = new Map<string, Entry>();
  readonly #idByKey = new Map<string, string>();
  /** What runs once an app's secret is no longer accepted, by app and secret. */
  readonly #revocations = new Map<string, Map<string, () => void>>();
  #uses = new Map<string, { [Purpose in SecretPurpose]?: number }>();

  constructor(clock: Clock, ceilings = new SettingCeilings([])) {
    this.#clock = clock;
    this.#ceilings = ceilings;
  }

  /** Adds the app, or takes the place of what was known of it. */
  replace(record: AppRecord): void {
    const { secrets, settings, ...rest } = record;
    const app = { ...rest, settings: this.#ceilings.applied(settings) };
    const active = secrets.find(({ state }) => state === "active");
    if (active === undefined) throw new Error(`App ${app.id} has no active secret`);
    this.#forget(app.id);
    this.#byId.set(app.id, {
      app,
      active,
      pending: secrets.find(({ state }) => state === "pending") ?? null,
    });
    this.#idByKey.set(app.key, app.id);
    this.#runRevocations(app.id);
  }

  remove(appId: string): void {
    this.#forget(appId);
    this.#runRevocations(appId);
  }

  byId(appId: string): App | null {
    return this.#byId.get(appId)?.app ?? null;
  }

  byKey(key: string): App | null {
    const appId = this.#idByKey.get(key);
    return appId === undefined ? null : this.byId(appId);
  }

  all(): App[] {
    return [...this.#byId.values()].map(({ app }) => app);
  }

  /** What may be known of an app's secrets without holding them. Null for an unknown app. */
  rotationOf(appId: string): Rotation | null {
    const entry = this.#byId.get(appId);
    if (entry === undefined) return null;
    const { active, pending } = entry;
    return {
      secretId: active.id,
      activeSinceMs: active.activatedAtMs ?? active.createdAtMs,
      isRotating: pending !== null,
    };
  }

  /** The id of the accepted secret that made the signature, or null; notes when it was used and for what. */
  verify(appId: string, purpose: SecretPurpose, text: string, signature: string): string | null {
    const entry = this.#byId.get(appId);
    if (entry === undefined) return null;
    const given = signature.toLowerCase();
    const isMadeBy = (secret: string) => equalInConstantTime(hmacSha256(secret, text), given);
    // Who has the active secret may see that it was enough; for all others a look at a pending one is never left out.
    const secret = isMadeBy(entry.active.value)
      ? entry.active
      : isMadeBy(entry.pending?.value ?? noSecret)
        ? entry.pending
        : null;
    if (secret === null) return null;
    this.#noteUse(secret.id, purpose);
    return secret.id;
  }

  /**
   * Runs the task once this node no longer accepts the secret: at once where it does not, else when the app is
   * replaced or removed. A second task for the same secret takes the place of the first.
   */
  whenRevoked(appId: string, secretId: string, task: () => void): void {
    if (!this.#accepts(appId, secretId)) {
      task();
      return;
    }
    const waiting = this.#revocations.get(appId) ?? new Map<string, () => void>();
    this.#revocations.set(appId, waiting.set(secretId, task));
  }

  /** Signatures by the active secret and, during a rotation, by the pending one after it. Empty for an unknown app. */
  sign(appId: string, text: string): readonly string[] {
    const entry = this.#byId.get(appId);
    if (entry === undefined) return [];
    return [entry.active, entry.pending].flatMap((secret) =>
      secret === null ? [] : [hmacSha256(secret.value, text)],
    );
  }

  /** As `sign`, in base64: the form of Standard Webhooks. */
  signInBase64(appId: string, text: string): readonly string[] {
    return this.sign(appId, text).map((hex) => Buffer.from(hex, "hex").toString("base64"));
  }

  /** What was used since the last call, by secret id; the caller saves it. */
  takeSecretUses(): ReadonlyMap<string, SecretLastUsed> {
    const uses = this.#uses;
    this.#uses = new Map();
    return uses;
  }

  #forget(appId: string): void {
    const known = this.#byId.get(appId);
    if (known === undefined) return;
    this.#byId.delete(appId);
    // The key may have passed to another app meanwhile.
    if (this.#idByKey.get(known.app.key) === appId) this.#idByKey.delete(known.app.key);
  }

  #accepts(appId: string, secretId: string): boolean {
    const entry = this.#byId.get(appId);
    return entry !== undefined && (entry.active.id === secretId || entry.pending?.id === secretId);
  }

  #runRevocations(appId: string): void {
    const waiting = this.#revocations.get(appId);
    if (waiting === undefined) return;
    for (const [secretId, task] of waiting) {
      if (this.#accepts(appId, secretId)) continue;
      waiting.delete(secretId);
      task();
    }
    if (waiting.size === 0) this.#revocations.delete(appId);
  }

  #noteUse(secretId: string, purpose: SecretPurpose): void {
    const use = this.#uses.get(secretId);
    if (use === undefined) this.#uses.set(secretId, { [purpose]: this.#clock.now() });
    else use[purpose] = this.#clock.now();
  }
}
