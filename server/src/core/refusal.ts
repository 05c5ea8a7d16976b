/** Admin API errors: the codes, their HTTP statuses, and the error class. */

/** The codes are part of the API: do not change them. docs/reference/errors.md explains each. */
export const refusals = {
  invalid_request: 400,
  invalid_event: 400,
  webhook_refused: 400,
  password_too_weak: 400,
  unauthenticated: 401,
  token_malformed: 401,
  token_expired: 401,
  token_revoked: 401,
  login_failed: 401,
  wrong_code: 401,
  code_used: 401,
  forbidden: 403,
  cross_site: 403,
  csrf_token_wrong: 403,
  wrong_password: 403,
  not_found: 404,
  app_not_found: 404,
  secret_not_found: 404,
  connection_not_found: 404,
  token_not_found: 404,
  webhook_not_found: 404,
  delivery_not_found: 404,
  person_not_found: 404,
  session_not_found: 404,
  invitation_gone: 404,
  method_not_allowed: 405,
  app_exists: 409,
  app_changed: 409,
  owner_deleted: 409,
  rotation_pending: 409,
  too_many_webhooks: 409,
  no_pending_secret: 409,
  secret_in_use: 409,
  person_exists: 409,
  last_owner: 409,
  second_factor_exists: 409,
  second_factor_missing: 409,
  too_large: 413,
  too_many_watchers: 429,
  too_many_attempts: 429,
  internal_error: 500,
  login_provider_unreachable: 502,
  database_unreachable: 503,
  engine_unreachable: 503,
  nodes_unanswered: 503,
} as const;

export type RefusalCode = keyof typeof refusals;

export class Refusal extends Error {
  readonly code: RefusalCode;
  /** More fields of the answer for programs, such as `lastUsedAt`. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }

  get status(): number {
    return refusals[this.code];
  }
}
