/** The directory of HTTP sessions on Redis: a key for each session, with the id of its node. */
import type { SessionDirectory } from "../core/ports/session-directory.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisLink } from "./redis-link.ts";

const claimMs = 300_000;

export class RedisSessions implements SessionDirectory {
  readonly #link: RedisLink;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  async claim(session: string): Promise<string> {
    const { nodeId } = this.#link;
    const holder = await this.#send(session, "SET", nodeId, "NX", "GET", "PX", String(claimMs));
    return holder ?? nodeId;
  }

  find(session: string): Promise<string | null> {
    return this.#send(session, "GET");
  }

  renew(session: string): void {
    this.#send(session, "SET", this.#link.nodeId, "PX", String(claimMs)).catch(ignoreUnreachable);
  }

  release(session: string): void {
    const key = this.#link.keys.session(session);
    this.#link.run("unlock", key, [this.#link.nodeId]).catch(ignoreUnreachable);
  }

  async #send(session: string, command: string, ...args: readonly string[]): Promise<string | null> {
    const key = this.#link.keys.session(session);
    return (await this.#link.send(key, [command, key, ...args])) as string | null;
  }
}
