/** How much of a limit is used. */

export interface LimitUse {
  /** The name of the app's setting or of the server's option. */
  readonly limit: string;
  /** The pattern of the channel rule that sets this limit; missing: no rule sets it. */
  readonly pattern?: string;
  /** The current value; for rates, such as requests per second, the highest of the last two minutes. */
  readonly used: number;
  /** 0: no limit. */
  readonly max: number;
  /** The highest value since the process started; null: not recorded. */
  readonly peak: number | null;
}

/** At this share of its maximum, a limit is near. */
const nearShare = 0.8;

type Use = Pick<LimitUse, "used" | "max">;

/** The used share of the limit: 0 without a limit; more than 1 if the limit is exceeded. */
export function shareOf({ used, max }: Use): number {
  return max === 0 ? 0 : used / max;
}

export function isNear(use: Use): boolean {
  return shareOf(use) >= nearShare;
}
