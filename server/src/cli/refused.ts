/** What was asked cannot be done, and the message says why and what would help. Exit code 1. */
export class Refused extends Error {}

/** The server's own refusal. */
export class RefusedByServer extends Refused {
  /** As `app_not_found`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}
