/** Writes the sets of the apps' occupied channels: the changes of one turn of the event loop together. */
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisLink } from "./redis-link.ts";

export class RedisOccupied {
  readonly #link: RedisLink;
  readonly #isOccupied: (appId: string, channel: string) => Promise<boolean>;
  /** By app: the channels that changed in this turn, and whether they are occupied. */
  #changed: Map<string, Map<string, boolean>> | null = null;

  /** @param isOccupied reads the engine. @throws EngineUnreachable */
  constructor(link: RedisLink, isOccupied: (appId: string, channel: string) => Promise<boolean>) {
    this.#link = link;
    this.#isOccupied = isOccupied;
  }

  /** All channels of the set; some of them may be unoccupied. @throws EngineUnreachable */
  async of(appId: string): Promise<string[]> {
    const key = this.#link.keys.occupied(appId);
    return (await this.#link.send(key, ["SMEMBERS", key])) as string[];
  }

  set(appId: string, channel: string, isOccupied: boolean): void {
    if (this.#changed === null) {
      this.#changed = new Map();
      void Promise.resolve().then(() => this.#send());
    }
    const changed = this.#changed.get(appId) ?? new Map<string, boolean>();
    this.#changed.set(appId, changed.set(channel, isOccupied));
  }

  #send(): void {
    const all = this.#changed ?? [];
    this.#changed = null;
    for (const [appId, changed] of all) {
      const names = (isOccupied: boolean) =>
        [...changed.keys()].filter((name) => changed.get(name) === isOccupied);
      this.#add(appId, names(true)).catch(ignoreUnreachable);
      this.#remove(appId, names(false)).catch(ignoreUnreachable);
    }
  }

  async #add(appId: string, names: readonly string[]): Promise<void> {
    const key = this.#link.keys.occupied(appId);
    if (names.length > 0) await this.#link.send(key, ["SADD", key, ...names]);
  }

  /** The write is not atomic with the change, so a removal is checked again. */
  async #remove(appId: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const key = this.#link.keys.occupied(appId);
    await this.#link.send(key, ["SREM", key, ...names]);
    const occupied = await Promise.all(names.map((name) => this.#isOccupied(appId, name)));
    await this.#add(
      appId,
      names.filter((_, index) => occupied[index]),
    );
  }
}
