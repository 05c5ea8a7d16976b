/** Upper limits that the server's operator sets for the settings of all apps. */

import { Refusal } from "../refusal.ts";
import { type AppSettings, type SettingRule, settingNames, settingRules } from "./app-settings.ts";

export class SettingCeilings {
  readonly #byName: ReadonlyMap<keyof AppSettings, number>;

  /** @param ceilings such as `eventPayloadBytesMax=65536`; invalid ones, see `problemOfCeiling`, are ignored */
  constructor(ceilings: readonly string[]) {
    this.#byName = new Map(
      ceilings.flatMap((text) => {
        const ceiling = parse(text);
        return typeof ceiling === "string" ? [] : [ceiling];
      }),
    );
  }

  /** The app's settings, limited by the ceilings. */
  applied(settings: AppSettings): AppSettings {
    if (this.#byName.size === 0) return settings;
    const channelRules = settings.channelRules.map((rule) => ({ ...rule, ...this.#lowered(rule) }));
    return { ...settings, ...this.#lowered(settings), channelRules };
  }

  /** The settings that are above their ceiling, set to the ceiling. */
  #lowered(settings: Partial<AppSettings>): Partial<AppSettings> {
    const above = [...this.#byName].filter(([name, ceiling]) => isAbove(name, settings[name], ceiling));
    return Object.fromEntries(above);
  }

  /**
   * Checks new settings. A 0 that means no limit is accepted: the ceiling applies.
   * @throws Refusal `invalid_request`
   */
  check(settings: Partial<AppSettings>): void {
    for (const given of [settings, ...(settings.channelRules ?? [])] as Partial<AppSettings>[])
      for (const [name, ceiling] of this.#byName) {
        const value = given[name];
        if (typeof value !== "number" || value <= ceiling) continue;
        throw new Refusal("invalid_request", `${name} may be at most ${ceiling} on this server`);
      }
  }

  /** The rules of all settings, with ranges limited by the ceilings. */
  rules(): Record<keyof AppSettings, SettingRule> {
    const lowered = [...this.#byName].map(([name, ceiling]) => [name, lower(settingRules[name], ceiling)]);
    return { ...settingRules, ...Object.fromEntries(lowered) };
  }
}

/** What is wrong with a ceiling, as a sentence; null: it is valid. */
export function problemOfCeiling(text: string): string | null {
  const ceiling = parse(text);
  return typeof ceiling === "string" ? ceiling : null;
}

function parse(text: string): [keyof AppSettings, number] | string {
  const [given, value = ""] = text.split("=");
  const name = settingNames.find((one) => one === given);
  const rule = name === undefined ? undefined : settingRules[name];
  if (name === undefined || rule?.kind !== "number") {
    return `settingCeilings: ${given} is not a numeric setting of an app.`;
  }
  const least = Math.max(1, rule.min);
  const ceiling = Number(value);
  if (Number.isSafeInteger(ceiling) && ceiling >= least && ceiling <= rule.max) return [name, ceiling];
  return `settingCeilings: ${name} must be a whole number from ${least} to ${rule.max}. "${value}" is not.`;
}

function isAbove(name: keyof AppSettings, value: unknown, ceiling: number): boolean {
  const rule = settingRules[name];
  const isEndless = rule.kind === "number" && rule.zeroMeansUnlimited && value === 0;
  return isEndless || (typeof value === "number" && value > ceiling);
}

function lower(rule: SettingRule, ceiling: number): SettingRule {
  if (rule.kind !== "number") return rule;
  return { ...rule, max: ceiling, default: Math.min(rule.default, ceiling) };
}
