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

export function isNear({ used, max }: Pick<LimitUse, "used" | "max">): boolean {
  return max > 0 && used / max >= nearShare;
}
