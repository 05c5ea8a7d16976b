/** Checks made before a signed request is processed: the app's request rate and idempotency keys. */
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Idempotency } from "../core/idempotency.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { RequestClaims } from "../core/ports/request-claims.ts";
import { HttpError } from "../protocol/errors.ts";
import type { Trigger, TriggerAnswer } from "./publish-events.ts";

const keyLengthMax = 255;

export interface RequestGuards {
  /**
   * Returns no promise if this node alone counts requests.
   * @throws HttpError 429 with Retry-After
   */
  checkRate(app: App): Promise<void> | undefined;
  /**
   * Publishes. If the key was used within the app's window, returns the first response again and publishes nothing.
   * @throws HttpError 400 if the key is empty or too long
   */
  once(app: App, trigger: Trigger, headerKey: string | null): TriggerAnswer | Promise<TriggerAnswer>;
}

/** @param claims the claims shared by all nodes; null on a single node */
export function createRequestGuards(
  registry: AppRegistry,
  clock: Clock,
  idempotency: Idempotency<TriggerAnswer>,
  claims: RequestClaims | null,
): RequestGuards {
  /** An app that was deleted in the meantime has no rate. */
  function takeHere(app: App, perSecondMax: number): number {
    return registry.requestRateOf(app.id)?.take(perSecondMax, perSecondMax, clock.now()) ?? 0;
  }

  return {
    checkRate(app) {
      const perSecondMax = app.settings.apiRequestsPerSecondMax;
      if (perSecondMax === 0) return;
      if (claims === null) {
        refuseIfOver(perSecondMax, takeHere(app, perSecondMax));
        return;
      }
      return claims
        .take(`app ${app.id}`, { burst: perSecondMax, perSecond: perSecondMax })
        .catch((error) => {
          if (error instanceof EngineUnreachable) return takeHere(app, perSecondMax);
          throw error;
        })
        .then((waitMs) => refuseIfOver(perSecondMax, waitMs));
    },

    once(app, trigger, headerKey) {
      const key = headerKey ?? trigger.idempotencyKey;
      if (key === null) return trigger.publish();
      if (key === "" || key.length > keyLengthMax) {
        throw new HttpError(400, `An idempotency key must have 1 to ${keyLengthMax} characters`);
      }
      const { idempotencyWindowMs } = app.settings;
      const publish = async () => trigger.publish();
      const work = claims === null ? publish : () => claims.once(app.id, key, idempotencyWindowMs, publish);
      return idempotency.once(app.id, key, idempotencyWindowMs, work);
    },
  };
}

function refuseIfOver(perSecondMax: number, waitMs: number): void {
  if (waitMs === 0) return;
  throw new HttpError(429, `Too many requests: this app may send ${perSecondMax} per second`, {
    "Retry-After": String(Math.ceil(waitMs / 1000)),
  });
}
