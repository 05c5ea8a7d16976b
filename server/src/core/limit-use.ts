/** How much of a limit is used. */

export interface LimitUse {
  /** The name of the app's setting or of the server's option. */
  readonly limit: string;
  /** Now; of what comes and goes, such as requests a second, the highest of the last two minutes. */
  readonly used: number;
  /** 0: no limit. */
  readonly max: number;
  /** The highest since the process started; null: not kept. */
  readonly peak: number | null;
}

/** From this share on a limit is near. */
const nearShare = 0.8;

type Use = Pick<LimitUse, "used" | "max">;

/** 0 without a limit; over 1 if more is used than the limit allows. */
export function shareOf({ used, max }: Use): number {
  return max === 0 ? 0 : used / max;
}

export function isNear(use: Use): boolean {
  return shareOf(use) >= nearShare;
}
