/** The results of `soketify doctor`. */
import type { Config } from "../../config/config.ts";

export interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly detail: string;
  /** What to do; absent if the check is well. */
  readonly fix?: string;
}

/** A check. An error that it throws counts as a problem. */
export type Check = (config: Config) => Promise<Omit<Finding, "check">>;

export function well(detail: string): Omit<Finding, "check"> {
  return { isWell: true, detail };
}

export function ill(detail: string, fix: string): Omit<Finding, "check"> {
  return { isWell: false, detail, fix };
}
