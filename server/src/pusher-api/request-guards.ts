/** What stands before the work of a signed request: the app's request rate, and the memory of idempotency keys. */
import type { App } from "../core/app.ts";
import type { Idempotency } from "../core/idempotency.ts";
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";
import { HttpError } from "../protocol/errors.ts";
import type { Trigger, TriggerAnswer } from "./publish-events.ts";

const keyLengthMax = 255;

export interface RequestGuards {
  /** @throws HttpError 429 with Retry-After */
  checkRate(app: App): void;
  /**
   * Publishes, unless the key was seen within the app's window: then the first answer is given again.
   * @throws HttpError 400 where the key is empty or too long
   */
  once(app: App, trigger: Trigger, headerKey: string | null): Promise<TriggerAnswer>;
}

export function createRequestGuards(clock: Clock, idempotency: Idempotency<TriggerAnswer>): RequestGuards {
  /** By the object of the app, which a change of its settings replaces. */
  const rates = new WeakMap<App, RateLimit>();

  return {
    checkRate(app) {
      const perSecondMax = app.settings.apiRequestsPerSecondMax;
      if (perSecondMax === 0) return;
      const rate = rates.get(app) ?? new RateLimit(perSecondMax, clock.now());
      rates.set(app, rate);
      const waitMs = rate.take(perSecondMax, perSecondMax, clock.now());
      if (waitMs === 0) return;
      throw new HttpError(429, `Too many requests: this app may send ${perSecondMax} a second`, {
        "Retry-After": String(Math.ceil(waitMs / 1000)),
      });
    },

    once(app, trigger, headerKey) {
      const key = headerKey ?? trigger.idempotencyKey;
      if (key === null) return trigger.publish();
      if (key === "" || key.length > keyLengthMax) {
        throw new HttpError(400, `An idempotency key must have 1 to ${keyLengthMax} characters`);
      }
      return idempotency.once(app.id, key, app.settings.idempotencyWindowMs, trigger.publish);
    },
  };
}
