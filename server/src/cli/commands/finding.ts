/** The results of `soketify doctor`. */
import type { Config } from "../../config/config.ts";

export interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly detail: string;
  /** What to do; absent if the check passed. */
  readonly fix?: string;
}

/** The largest difference to another machine's clock that passes. The server accepts a signature within 600 s of its own clock. */
export const clockOffsetMsMax = 60_000;

/** An error that a check throws counts as a problem. */
export type Check = (config: Config) => Promise<Omit<Finding, "check">>;

export function passed(detail: string): Omit<Finding, "check"> {
  return { isWell: true, detail };
}

export function failed(detail: string, fix: string): Omit<Finding, "check"> {
  return { isWell: false, detail, fix };
}
