/** The command cannot be done. The message says why and what would help. Exit code 1. */
export class Refused extends Error {}

/** The error answer of the server. */
export class RefusedByServer extends Refused {
  /** The error code, such as `app_not_found`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}
