/** The usage of this node's limits. Each part that has a limit registers itself when it is created. */
import type { BudgetUse } from "./byte-budget.ts";
import type { LimitUse } from "./limit-use.ts";

export class LimitSources {
  readonly #ofServer: (() => LimitUse)[] = [];
  readonly #ofApps: ((appId: string) => LimitUse | null)[] = [];

  add(source: () => LimitUse): void {
    this.#ofServer.push(source);
  }

  /** @param source returns null for an app that has not used the limit since the start */
  addPerApp(source: (appId: string) => LimitUse | null): void {
    this.#ofApps.push(source);
  }

  /** @param name such as `historyBytes`, for the options historyBytesMax and historyBytesPerAppMax */
  addBudget(name: string, budget: BudgetUse): void {
    const { inAll: max, perApp } = budget.limits;
    this.add(() => ({ limit: `${name}Max`, used: budget.inAll, max, peak: budget.peakInAll }));
    this.addPerApp((appId) => ({
      limit: `${name}PerAppMax`,
      used: budget.of(appId),
      max: perApp,
      peak: null,
    }));
  }

  ofServer(): LimitUse[] {
    return this.#ofServer.map((source) => source());
  }

  ofApp(appId: string): LimitUse[] {
    return this.#ofApps.flatMap((source) => source(appId) ?? []);
  }
}
