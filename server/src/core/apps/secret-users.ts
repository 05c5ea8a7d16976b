/**
 * Records the senders of HTTP requests by the secret that signed them, while an app's secret is rotated. It shows which
 * backends still use the old secret. Outside rotations nothing is recorded.
 */

import type { Clock } from "../ports/clock.ts";
import type { Sender } from "../sender.ts";
import type { AppRegistry } from "./app-registry.ts";

export interface SecretUser extends Sender {
  readonly secretId: string;
  /** In the last whole minute, or in the running minute if that has more. */
  readonly requestsLastMinute: number;
  /** Since the rotation began. */
  readonly requests: number;
  /** Unix time in milliseconds. */
  readonly lastMs: number;
}

/** The maximum number of senders of an app. Beyond it, the least recently active sender is removed. */
const usersMax = 50;
const minuteMs = 60_000;

interface Known extends Sender {
  readonly secretId: string;
  requests: number;
  lastMs: number;
  inMinute: number;
  inMinuteBefore: number;
}

interface Rotation {
  readonly pendingSecretId: string;
  /** By secret and sender. The most recently active is last. */
  readonly users: Map<string, Known>;
}

export class SecretUsers {
  readonly #registry: Pick<AppRegistry, "pendingSecretIdOf">;
  readonly #clock: Clock;
  readonly #byApp = new Map<string, Rotation>();

  constructor(registry: Pick<AppRegistry, "pendingSecretIdOf">, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** @param sender read only during a rotation */
  record(appId: string, secretId: string, sender: Sender): void {
    const users = this.#usersOf(appId);
    if (users === null) return;
    const { address, sdk } = sender;
    const key = [secretId, address, sdk].join(" ");
    const user = users.get(key) ?? {
      address,
      sdk,
      secretId,
      requests: 0,
      lastMs: 0,
      inMinute: 0,
      inMinuteBefore: 0,
    };
    users.delete(key);
    users.set(key, user);
    this.#count(user);
    const [oldest] = users.keys();
    if (users.size > usersMax && oldest !== undefined) users.delete(oldest);
  }

  /** The senders on this node, most recently active first. Empty unless the app's secret is being rotated. */
  of(appId: string): SecretUser[] {
    const nowMs = this.#clock.now();
    return [...(this.#usersOf(appId)?.values() ?? [])]
      .map(({ inMinute, inMinuteBefore, ...user }) => {
        const minutesAgo = minuteOf(nowMs) - minuteOf(user.lastMs);
        const requestsLastMinute = [Math.max(inMinute, inMinuteBefore), inMinute][minutesAgo] ?? 0;
        return { ...user, requestsLastMinute };
      })
      .reverse();
  }

  /** Null outside rotations. A rotation that begins soon after another one may find the users of that one. */
  #usersOf(appId: string): Map<string, Known> | null {
    const pendingSecretId = this.#registry.pendingSecretIdOf(appId);
    if (pendingSecretId === null) {
      this.#byApp.delete(appId);
      return null;
    }
    const known = this.#byApp.get(appId);
    if (known?.pendingSecretId === pendingSecretId) return known.users;
    const users = new Map<string, Known>();
    this.#byApp.set(appId, { pendingSecretId, users });
    return users;
  }

  #count(user: Known): void {
    const nowMs = this.#clock.now();
    const minutes = minuteOf(nowMs) - minuteOf(user.lastMs);
    if (minutes > 0) {
      user.inMinuteBefore = minutes === 1 ? user.inMinute : 0;
      user.inMinute = 0;
    }
    user.inMinute += 1;
    user.requests += 1;
    user.lastMs = nowMs;
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs);
}
