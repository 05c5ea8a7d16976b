/** The parts that the handlers of people use: outside of a transaction, or within one. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { InOnePeopleTransaction, PeopleStoresOfChange } from "../core/ports/transactions.ts";
import { Invitations } from "./invitations.ts";
import { LoginSessions } from "./login-sessions.ts";
import { Logins } from "./logins.ts";
import type { Passwords } from "./passwords.ts";
import { People } from "./people.ts";
import type { Seal } from "./seal.ts";
import { SecondFactors } from "./second-factors.ts";

export interface PeopleParts {
  readonly people: People;
  readonly invitations: Invitations;
  readonly logins: Logins;
  readonly loginSessions: LoginSessions;
  readonly secondFactors: SecondFactors;
}

export interface ChangingParts extends PeopleParts {
  readonly audit: Pick<AuditLog, "append">;
}

/** Runs a change and its entries in the audit log as one transaction. It may run again: see `InOneTransaction`. */
export type ChangePeople = <Result>(change: (parts: ChangingParts) => Promise<Result>) => Promise<Result>;

export interface PeopleTools {
  readonly passwords: Passwords;
  readonly seal: Seal;
  readonly clock: Clock;
}

export function peopleOver(
  { accounts, sessions, secondFactors: factors }: Omit<PeopleStoresOfChange, "audit">,
  { passwords, seal, clock }: PeopleTools,
): PeopleParts {
  const loginSessions = new LoginSessions(sessions, clock);
  const secondFactors = new SecondFactors(factors, seal, clock);
  return {
    loginSessions,
    secondFactors,
    people: new People(accounts, passwords, clock),
    invitations: new Invitations(accounts, clock),
    logins: new Logins(accounts, passwords, loginSessions, secondFactors),
  };
}

export function createChangePeople(
  inOneTransaction: InOnePeopleTransaction,
  tools: PeopleTools,
): ChangePeople {
  return (change) =>
    inOneTransaction(({ audit, ...stores }) => change({ ...peopleOver(stores, tools), audit }));
}
