/** What each error code of the admin API means and what to do, for docs/reference/errors.md. */
import type { RefusalCode } from "../../server/src/core/refusal.ts";

export interface ErrorWords {
  readonly meaning: string;
  readonly advice: string;
}

export const adminErrorWords: { readonly [Code in RefusalCode]: ErrorWords } = {
  invalid_request: {
    meaning: "The path, the query or the body does not have the expected shape.",
    advice: "Read `detail`: it names the field. `issues`, if present, lists all of them.",
  },
  invalid_event: {
    meaning: "The event was refused because of its name, channel or data.",
    advice: "Read `detail`. The rules are those of the HTTP API.",
  },
  webhook_refused: {
    meaning: "The webhook's URL, filters or headers are not allowed.",
    advice: "Use a public https address, or allow the network with `SOKETIFY_WEBHOOK_ALLOW`.",
  },
  password_too_weak: {
    meaning: "The new password is too short or one of the most common ones.",
    advice: "Choose another with at least 10 characters.",
  },
  unauthenticated: {
    meaning: "The request has no login and no known API token.",
    advice: "Send `Authorization: Bearer TOKEN`, or log in. `soketify token create` creates a token.",
  },
  token_malformed: {
    meaning: "The Authorization header does not contain `Bearer` and a token.",
    advice: "Check for a missing word `Bearer`, quotes and line breaks.",
  },
  token_expired: { meaning: "The API token has expired.", advice: "Create a new token." },
  token_revoked: { meaning: "Somebody revoked the API token.", advice: "Create a new token." },
  login_failed: {
    meaning: "The e-mail address or the password is wrong, or the login took too long.",
    advice: "Log in again. `soketify people reset-password` sets a new password.",
  },
  wrong_code: {
    meaning: "The code of the second factor is wrong.",
    advice: "Use the newest code of the authenticator, and check the clock of its device.",
  },
  code_used: {
    meaning: "The code of the second factor was used before.",
    advice: "Wait for the next code.",
  },
  forbidden: {
    meaning: "The caller's role or token does not permit this.",
    advice: "Read `detail`: it names the permission. Ask an owner or an admin for it.",
  },
  cross_site: {
    meaning: "The request came from a page of another site.",
    advice:
      "Open the dashboard under the address in `SOKETIFY_PUBLIC_URL` or `SOKETIFY_DASHBOARD_URL`. Programs use an API token, not a login.",
  },
  csrf_token_wrong: {
    meaning: "A request with a login has no valid X-CSRF-Token header.",
    advice: "Reload the page. Programs use an API token, which needs no such header.",
  },
  wrong_password: {
    meaning: "The current password, which this change requires, is wrong.",
    advice: "Enter the password of your account.",
  },
  not_found: {
    meaning: "No endpoint has this path.",
    advice: "Compare the request with the list of endpoints.",
  },
  app_not_found: {
    meaning: "No app has this id, or it was deleted.",
    advice: "`soketify app list` prints the ids.",
  },
  secret_not_found: {
    meaning: "The app has no secret with this id.",
    advice: "`soketify secret list APP` prints the ids.",
  },
  connection_not_found: {
    meaning: "No connection with this socket id is open, and none is stored.",
    advice: "List the connections: a client that reconnects has a new socket id.",
  },
  token_not_found: {
    meaning: "No valid API token has this id.",
    advice: "`soketify token list` prints the ids.",
  },
  webhook_not_found: {
    meaning: "The app has no webhook with this id.",
    advice: "`soketify webhook list APP` prints the ids.",
  },
  delivery_not_found: {
    meaning: "The webhook has no finished delivery with this id.",
    advice: "`soketify webhook deliveries APP WEBHOOK` prints the ids. Deliveries are kept for a week.",
  },
  person_not_found: { meaning: "No person has this id.", advice: "List the people of the server." },
  session_not_found: {
    meaning: "The person has no login session with this id.",
    advice: "Nothing: the session has ended.",
  },
  invitation_gone: {
    meaning: "The invitation or the setup link was used, withdrawn or has expired.",
    advice: "Ask for a new one. `soketify people setup-link` prints a new setup link.",
  },
  method_not_allowed: {
    meaning: "The path exists, but not with this method.",
    advice: "The Allow header names the methods.",
  },
  app_exists: {
    meaning: "Another app has this id or key.",
    advice: "Choose another one, or omit it. The server then generates one.",
  },
  app_changed: {
    meaning: "Other requests changed the app several times at the same moment.",
    advice: "Send the request again.",
  },
  owner_deleted: {
    meaning: "The owner of the changed object, such as its app or person, was deleted in the meantime.",
    advice: "Nothing: the object was deleted.",
  },
  rotation_pending: {
    meaning: "The app already has a pending secret.",
    advice: "Activate it or cancel it first, or replace it with `--force`.",
  },
  too_many_webhooks: {
    meaning: "The app has reached its maximum number of webhooks.",
    advice: "Delete one, or use one webhook for several types of events.",
  },
  no_pending_secret: {
    meaning: "The app has no pending secret to activate or cancel.",
    advice: "Start with `soketify secret rotate APP`.",
  },
  secret_in_use: {
    meaning: "The old secret was used within the last minutes (`SOKETIFY_SECRET_USE_GUARD_MS`).",
    advice:
      "Give the new secret to the backends that still use the old one (the list of secrets shows them), or activate with `--force`.",
  },
  person_exists: {
    meaning: "A person with this e-mail address has an account already.",
    advice: "Change that person's role.",
  },
  last_owner: {
    meaning: "The change would leave the server without an owner.",
    advice: "Make another person an owner first.",
  },
  second_factor_exists: {
    meaning: "The account already has a second factor.",
    advice: "Remove it before you set up another.",
  },
  second_factor_missing: {
    meaning: "The account has no second factor.",
    advice: "Set one up under Account.",
  },
  too_large: {
    meaning: "The body or the event's data is larger than allowed.",
    advice: "Send less, or raise `SOKETIFY_HTTP_BODY_BYTES_MAX` or the app's `eventPayloadBytesMax`.",
  },
  too_many_watchers: {
    meaning: "Too many live feeds are open.",
    advice: "Close an unused console.",
  },
  too_many_attempts: {
    meaning: "There were too many login attempts.",
    advice: "Wait for the seconds that Retry-After names.",
  },
  internal_error: {
    meaning: "The server failed. This is a bug.",
    advice: "Read the server's log at that time, and report it.",
  },
  login_provider_unreachable: {
    meaning: "The OpenID Connect provider does not answer, or its answer is not valid.",
    advice: "Read the server's log, which has the reason, and check `SOKETIFY_OIDC_ISSUER`.",
  },
  database_unreachable: {
    meaning: "The database cannot be reached or accepts no writes. Clients are still served.",
    advice: "Repair the database. The server recovers by itself.",
  },
  engine_unreachable: {
    meaning: "Redis cannot be reached.",
    advice: "Repair Redis and try again. The server reconnects by itself.",
  },
  nodes_unanswered: {
    meaning: "Some nodes did not answer in time, and one of them may have the requested object.",
    advice: "Try again. The field `unanswered` names the nodes.",
  },
};
