/** Chooses the webhook that sends next. It limits the concurrent requests in total and per app, and the apps take turns. */

export interface TakesTurns {
  readonly appId: string;
  /** Begins one request and calls `end` when it is over. Returns false if there is none to begin. */
  beginRequest(): boolean;
}

export interface TurnLimits {
  readonly requestsMax: number;
  requestsMaxOf(appId: string): number;
}

export class RequestTurns {
  readonly #limits: TurnLimits;
  #running = 0;
  readonly #runningByApp = new Map<string, number>();
  /** The most concurrent requests of each app since the start. */
  readonly #peakByApp = new Map<string, number>();
  /** The apps in the order of their turns, each with its webhooks in the order of their turns. */
  readonly #waiting = new Map<string, Set<TakesTurns>>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Call it when the webhook may have something to send. */
  ask(webhook: TakesTurns): void {
    this.#enqueue(webhook);
    this.#grant();
  }

  end(appId: string): void {
    this.#count(appId, -1);
    this.#grant();
  }

  /** The app's concurrent requests; null: it has sent none since the start. */
  useOf(appId: string): { readonly used: number; readonly max: number; readonly peak: number } | null {
    const peak = this.#peakByApp.get(appId);
    if (peak === undefined) return null;
    return { used: this.#runningByApp.get(appId) ?? 0, max: this.#limits.requestsMaxOf(appId), peak };
  }

  /** Forgets the peaks of all other apps. */
  keepOnly(hasWebhooks: (appId: string) => boolean): void {
    for (const appId of this.#peakByApp.keys()) if (!hasWebhooks(appId)) this.#peakByApp.delete(appId);
  }

  /** After a request began, moves its webhook to the end of the app's queue, and the app to the end of the apps. */
  #grant(): void {
    while (this.#running < this.#limits.requestsMax) {
      const webhook = this.#next();
      if (webhook === null) return;
      if (!webhook.beginRequest()) continue;
      this.#count(webhook.appId, 1);
      this.#enqueue(webhook);
    }
  }

  #next(): TakesTurns | null {
    for (const [appId, webhooks] of this.#waiting) {
      if ((this.#runningByApp.get(appId) ?? 0) >= this.#limits.requestsMaxOf(appId)) continue;
      this.#waiting.delete(appId);
      for (const webhook of webhooks) {
        webhooks.delete(webhook);
        if (webhooks.size > 0) this.#waiting.set(appId, webhooks);
        return webhook;
      }
    }
    return null;
  }

  #enqueue(webhook: TakesTurns): void {
    const others = this.#waiting.get(webhook.appId);
    if (others === undefined) this.#waiting.set(webhook.appId, new Set([webhook]));
    else others.add(webhook);
  }

  #count(appId: string, change: 1 | -1): void {
    this.#running += change;
    const running = (this.#runningByApp.get(appId) ?? 0) + change;
    if (running === 0) this.#runningByApp.delete(appId);
    else this.#runningByApp.set(appId, running);
    if (running > (this.#peakByApp.get(appId) ?? 0)) this.#peakByApp.set(appId, running);
  }
}
