/** Rate limits and idempotency keys shared by all nodes, on Redis. */
import { randomUUID } from "node:crypto";
import type { Rate } from "../core/limits/rate-limit.ts";
import { pause } from "../core/pause.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { RequestClaims } from "../core/ports/request-claims.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisLink } from "./redis-link.ts";

/** How long a node may work on a claimed key before others consider it dead. */
const claimMs = 30_000;
const firstPollMs = 5;
const pollMsMax = 100;
const pendingMark = "p:";
const answerMark = "a:";

export class RedisClaims implements RequestClaims {
  readonly #link: RedisLink;
  readonly #clock: Clock;

  constructor(link: RedisLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  async take(name: string, { burst, perSecond }: Rate): Promise<number> {
    const args = [String(burst), String(perSecond)];
    return Number(await this.#link.run("rate", this.#link.keys.rate(name), args));
  }

  async reset(name: string): Promise<void> {
    const key = this.#link.keys.rate(name);
    await this.#ignoringUnreachable(this.#link.send(key, ["DEL", key]));
  }

  async once<Answer>(
    appId: string,
    key: string,
    windowMs: number,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const name = this.#link.keys.idempotency(appId, key);
    const pendingValue = `${pendingMark}${randomUUID()}`;
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pollMsMax, pauseMs * 2)) {
      const found = await this.#sendIfReachable(
        ["SET", name, pendingValue, "NX", "GET", "PX", String(claimMs)],
        name,
      );
      if (found === "unreachable") return work();
      if (found === null) return this.#work(name, pendingValue, windowMs, work);
      if (found.startsWith(answerMark)) return JSON.parse(found.slice(answerMark.length)) as Answer;
      await pause(this.#clock, pauseMs);
    }
  }

  async #work<Answer>(
    name: string,
    pendingValue: string,
    windowMs: number,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await work();
    } catch (error) {
      await this.#ignoringUnreachable(this.#link.run("unlock", name, [pendingValue]));
      throw error;
    }
    const text = `${answerMark}${JSON.stringify(answer)}`;
    await this.#ignoringUnreachable(this.#link.send(name, ["SET", name, text, "PX", String(windowMs)]));
    return answer;
  }

  async #sendIfReachable(args: readonly string[], name: string): Promise<string | null> {
    try {
      return (await this.#link.send(name, args)) as string | null;
    } catch (error) {
      if (error instanceof EngineUnreachable) return "unreachable";
      throw error;
    }
  }

  /** The work is already done: a failure to store this must not turn the answer into an error. */
  async #ignoringUnreachable(command: Promise<unknown>): Promise<void> {
    try {
      await command;
    } catch (error) {
      ignoreUnreachable(error);
    }
  }
}
