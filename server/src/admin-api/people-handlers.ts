/** What a handler of the people's endpoints is given, and what it answers. */
import type { z } from "zod";
import { noted } from "../core/actor.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Role } from "../people/person.ts";
import type { PathParams } from "./endpoints.ts";
import type { peopleEndpoints } from "./people-endpoints.ts";
import type { Identity } from "./principal.ts";
import type { SignedIn } from "./session.ts";

type Table = typeof peopleEndpoints;
export type PeopleEndpointName = keyof Table;

type QueryOf<Name extends PeopleEndpointName> = Table[Name] extends { query: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

type BodyOf<Name extends PeopleEndpointName> = Table[Name] extends { body: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

type AnswerOf<Name extends PeopleEndpointName> = Table[Name]["answer"] extends z.ZodType
  ? z.output<Table[Name]["answer"]>
  : undefined;

/** Who manages people, with a session or a token. */
export interface Manager {
  readonly identity: Identity;
  readonly name: string;
  readonly role: Role;
}

interface Askers {
  readonly anyone: null;
  readonly session: SignedIn;
  readonly "people.manage": Manager;
}

export interface PeopleAsk<Name extends PeopleEndpointName = PeopleEndpointName> {
  readonly asker: Askers[Table[Name]["access"]];
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  readonly params: PathParams<Table[Name]["path"]>;
  /** The request's headers, with the address that better-auth is to note. */
  readonly headers: Headers;
  readonly request: Request;
  readonly address: string | null;
  /** For cookies: those of the answer. */
  readonly answerHeaders: Headers;
}

export type PeopleHandlers<Name extends PeopleEndpointName = PeopleEndpointName> = {
  readonly [Each in Name]: (ask: PeopleAsk<Each>) => Promise<AnswerOf<Each>>;
};

export function forwardCookies({ answerHeaders }: Pick<PeopleAsk, "answerHeaders">, from: Headers): void {
  for (const cookie of from.getSetCookie()) answerHeaders.append("set-cookie", cookie);
}

interface Note {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

function identityOf(name: string, asker: SignedIn | null): Identity {
  if (name === "anonymous") return { kind: "anonymous", id: null, name };
  return { kind: "person", id: asker?.person.id ?? null, name };
}

/** One line of the audit log; nothing of it is an app's. */
export async function note(
  audit: AuditLog,
  { address, asker = null }: Pick<PeopleAsk, "address"> & { readonly asker?: PeopleAsk["asker"] },
  { actor, before = null, after = null, ...what }: Note,
): Promise<void> {
  const identity = asker !== null && "identity" in asker ? asker.identity : identityOf(actor, asker);
  await audit.append({ ...noted({ ...identity, address }), ...what, before, after, appId: null });
}
