/** The apps of this node, in memory. Only the registry holds secrets: other parts call it to verify or to sign. */
import { SigningKey } from "../../protocol/signature.ts";
import { RateLimit } from "../limits/rate-limit.ts";
import type { Clock } from "../ports/clock.ts";
import type { App, AppRecord, Secret, SecretLastUsed, SecretPurpose } from "./app.ts";
import { SettingCeilings } from "./setting-ceilings.ts";

/**
 * Compared with the signature when there is no pending secret, so that a failed check takes the same time either way.
 */
const noSecret = new SigningKey("no secret in this place");

export interface Rotation {
  /** The id of the active secret. */
  readonly secretId: string;
  readonly activeSinceMs: number;
  readonly isRotating: boolean;
}

interface Entry {
  readonly app: App;
  readonly active: SigningSecret;
  readonly pending: SigningSecret | null;
  readonly requestRate: RateLimit;
}

interface SigningSecret extends Secret {
  readonly signingKey: SigningKey;
}

export class AppRegistry {
  readonly #clock: Clock;
  readonly #ceilings: SettingCeilings;
  readonly #byId = new Map<string, Entry>();
  readonly #idByKey = new Map<string, string>();
  /** Tasks to run once a secret is no longer accepted, by app id and secret id. */
  readonly #revocations = new Map<string, Map<string, () => void>>();
  #uses = new Map<string, { [Purpose in SecretPurpose]?: number }>();

  constructor(clock: Clock, ceilings = new SettingCeilings([])) {
    this.#clock = clock;
    this.#ceilings = ceilings;
  }

  /** Adds the app or replaces it. */
  replace(record: AppRecord): void {
    const { secrets, settings, ...rest } = record;
    const app = { ...rest, settings: this.#ceilings.applied(settings) };
    const active = secrets.find(({ state }) => state === "active");
    const pending = secrets.find(({ state }) => state === "pending");
    if (active === undefined) throw new Error(`App ${app.id} has no active secret`);
    const requestRate = this.requestRateOf(app.id) ?? new RateLimit(Number.POSITIVE_INFINITY, 0);
    this.#forget(app.id);
    this.#byId.set(app.id, {
      app,
      active: toSign(active),
      pending: pending === undefined ? null : toSign(pending),
      requestRate,
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

  /** Counts the app's requests on this node; stays when the app is replaced. Null for an unknown app. */
  requestRateOf(appId: string): RateLimit | null {
    return this.#byId.get(appId)?.requestRate ?? null;
  }

  /** Facts about an app's secrets, without the secrets. Null for an unknown app. */
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

  /** The id of the pending secret; null if none waits for its activation. Each rotation has another one. */
  pendingSecretIdOf(appId: string): string | null {
    return this.#byId.get(appId)?.pending?.id ?? null;
  }

  /**
   * Checks a signature. Returns the id of the secret that made it, or null; records the time and purpose of the use.
   */
  verify(appId: string, purpose: SecretPurpose, text: string, signature: string): string | null {
    const entry = this.#byId.get(appId);
    if (entry === undefined) return null;
    // Only callers with the active secret can observe the early exit: a failed check always compares twice.
    const secret = entry.active.signingKey.hasSigned(text, signature)
      ? entry.active
      : (entry.pending?.signingKey ?? noSecret).hasSigned(text, signature)
        ? entry.pending
        : null;
    if (secret === null) return null;
    this.#recordUse(secret.id, purpose);
    return secret.id;
  }

  /**
   * Runs the task once this node no longer accepts the secret: immediately if it does not accept it now, else when
   * the app is replaced or removed. A second task for the same secret replaces the first.
   */
  whenRevoked(appId: string, secretId: string, task: () => void): void {
    if (!this.#accepts(appId, secretId)) {
      task();
      return;
    }
    const waiting = this.#revocations.get(appId) ?? new Map<string, () => void>();
    this.#revocations.set(appId, waiting.set(secretId, task));
  }

  /**
   * Hex signatures: by the active secret and, during a rotation, by the pending one after it. Empty for an unknown
   * app.
   */
  sign(appId: string, text: string): readonly string[] {
    const entry = this.#byId.get(appId);
    if (entry === undefined) return [];
    return [entry.active, entry.pending].flatMap((secret) =>
      secret === null ? [] : [secret.signingKey.sign(text)],
    );
  }

  /** Like `sign`, in base64 as Standard Webhooks requires. */
  signInBase64(appId: string, text: string): readonly string[] {
    return this.sign(appId, text).map((hex) => Buffer.from(hex, "hex").toString("base64"));
  }

  /** The uses since the last call, by secret id. They are removed here, so the caller must save them. */
  takeSecretUses(): ReadonlyMap<string, SecretLastUsed> {
    const uses = this.#uses;
    this.#uses = new Map();
    return uses;
  }

  #forget(appId: string): void {
    const known = this.#byId.get(appId);
    if (known === undefined) return;
    this.#byId.delete(appId);
    // Another app may have the key by now.
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

  #recordUse(secretId: string, purpose: SecretPurpose): void {
    const use = this.#uses.get(secretId);
    if (use === undefined) this.#uses.set(secretId, { [purpose]: this.#clock.now() });
    else use[purpose] = this.#clock.now();
  }
}

function toSign(secret: Secret): SigningSecret {
  return { ...secret, signingKey: new SigningKey(secret.value) };
}
