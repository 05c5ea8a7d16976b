/** The input and the result of each handler of the people endpoints. */
import type { z } from "zod";
import { auditActor } from "../../core/actor.ts";
import type { AuditAction } from "../../core/audit-actions.ts";
import type { Account } from "../../core/ports/account-store.ts";
import type { AuditLog } from "../../core/ports/audit-log.ts";
import type { Role } from "../../core/role.ts";
import type { Visitor } from "../../people/login-sessions.ts";
import type { Person } from "../contracts/people.ts";
import type { PathParams } from "../endpoints.ts";
import { isoTime } from "../handlers.ts";
import type { Identity } from "../principal.ts";
import type { peopleEndpoints } from "./people-endpoints.ts";
import type { LoggedIn } from "./session.ts";

type Table = typeof peopleEndpoints;
export type PeopleEndpointName = keyof Table;

type QueryOf<Name extends PeopleEndpointName> = Table[Name] extends { query: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

type BodyOf<Name extends PeopleEndpointName> = Table[Name] extends { body: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

type AnswerOf<Name extends PeopleEndpointName> = Table[Name]["answer"] extends z.ZodType
  ? Promise<z.output<Table[Name]["answer"]>>
  : Promise<void>;

/** A caller who may manage people, with a session or a token. */
export interface Manager {
  readonly identity: Identity;
  /** The responsible account; null: none. */
  readonly ownerId: string | null;
  readonly name: string;
  readonly role: Role;
}

interface Callers {
  readonly anyone: null;
  readonly session: LoggedIn;
  readonly "people.manage": Manager;
}

export interface PeopleCall<Name extends PeopleEndpointName = PeopleEndpointName> {
  readonly caller: Callers[Table[Name]["access"]];
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  readonly params: PathParams<Table[Name]["path"]>;
  readonly request: Request;
  readonly address: string | null;
  /** The headers of the answer, for cookies. */
  readonly answerHeaders: Headers;
}

export type PeopleHandlers<Name extends PeopleEndpointName = PeopleEndpointName> = {
  readonly [Each in Name]: (call: PeopleCall<Each>) => AnswerOf<Each>;
};

/** A request of a logged-in person about their own account. */
export type OwnCall = Pick<PeopleCall, "request" | "address" | "answerHeaders"> & {
  readonly caller: LoggedIn;
};

export function visitorOf({ request, address }: Pick<PeopleCall, "request" | "address">): Visitor {
  return { address, userAgent: request.headers.get("user-agent") };
}

export function describePerson({ createdAtMs, appIds, ...account }: Account): Person {
  return { ...account, appIds: appIds === null ? null : [...appIds], createdAt: isoTime(createdAtMs) };
}

export function personIdentity({ id, email }: Pick<Account, "id" | "email">): Identity {
  return { kind: "person", id, name: email };
}

interface RecordedAction {
  readonly actor: Identity;
  readonly action: AuditAction;
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Appends an entry without an app to the audit log. */
export async function recordAction(
  audit: Pick<AuditLog, "append">,
  { address }: Pick<PeopleCall, "address">,
  { actor, before = null, after = null, ...what }: RecordedAction,
): Promise<void> {
  await audit.append({ ...auditActor({ ...actor, address }), ...what, before, after, appId: null });
}

/** Appends an entry for a change that a person made to their own account. */
export function recordOwnAction(
  audit: Pick<AuditLog, "append">,
  call: OwnCall,
  action: AuditAction,
  change: Pick<RecordedAction, "before" | "after"> = {},
): Promise<void> {
  const { account } = call.caller;
  return recordAction(audit, call, {
    actor: personIdentity(account),
    action,
    target: `person ${account.email}`,
    ...change,
  });
}
