/** The apps in memory, for tests. */
import type { AppRecord, SecretLastUsed, SecretPurpose } from "../../../src/core/apps/app.ts";
import { AppChanged, AppConflict, type AppStore } from "../../../src/core/ports/app-store.ts";

export class MemoryAppStore implements AppStore {
  readonly #apps = new Map<string, AppRecord>();
  #version = 0;

  constructor(apps: readonly AppRecord[] = []) {
    for (const app of apps) this.#apps.set(app.id, app);
  }

  async list(): Promise<AppRecord[]> {
    return [...this.#apps.values()];
  }

  async find(appId: string): Promise<AppRecord | null> {
    return this.#apps.get(appId) ?? null;
  }

  async version(): Promise<number> {
    return this.#version;
  }

  async create(app: AppRecord): Promise<void> {
    if (this.#apps.has(app.id)) throw new AppConflict(`The app id ${app.id} is taken`);
    this.#refuseTakenKey(app);
    this.#set(app);
  }

  async createFirst(app: AppRecord): Promise<void> {
    if (this.#apps.size > 0) throw new AppConflict("An app exists already");
    await this.create(app);
  }

  async save(app: AppRecord): Promise<void> {
    const stored = this.#apps.get(app.id);
    if (stored?.revision !== app.revision)
      throw new AppChanged(`App ${app.id} is no longer at revision ${app.revision}`);
    this.#refuseTakenKey(app);
    const usesOf = new Map(stored.secrets.map(({ id, lastUsed }) => [id, lastUsed]));
    const secrets = app.secrets.map((secret) => ({
      ...secret,
      lastUsed: usesOf.get(secret.id) ?? secret.lastUsed,
    }));
    this.#set({ ...app, secrets, revision: app.revision + 1 });
  }

  async delete(appId: string): Promise<boolean> {
    const wasThere = this.#apps.delete(appId);
    if (wasThere) this.#version += 1;
    return wasThere;
  }

  async recordSecretUses(uses: ReadonlyMap<string, SecretLastUsed>): Promise<void> {
    for (const app of this.#apps.values()) {
      const secrets = app.secrets.map((secret) => ({
        ...secret,
        lastUsed: latest(secret.lastUsed, uses.get(secret.id) ?? {}),
      }));
      this.#apps.set(app.id, { ...app, secrets });
    }
  }

  #set(app: AppRecord): void {
    this.#apps.set(app.id, app);
    this.#version += 1;
  }

  #refuseTakenKey({ id, key }: AppRecord): void {
    for (const other of this.#apps.values())
      if (other.key === key && other.id !== id) throw new AppConflict(`The app key ${key} is taken`);
  }
}

function latest(one: SecretLastUsed, other: SecretLastUsed): SecretLastUsed {
  const times: { [Purpose in SecretPurpose]?: number } = { ...one };
  for (const [purpose, atMs] of Object.entries(other) as [SecretPurpose, number][])
    times[purpose] = Math.max(times[purpose] ?? 0, atMs);
  return times;
}
