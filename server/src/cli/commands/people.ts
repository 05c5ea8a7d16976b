/** `soketify people …`: lists accounts and resets lost passwords and second factors. */
import { Command } from "commander";
import { isoTime } from "../../admin-api/handlers.ts";
import { auditActor, cliActor } from "../../core/actor.ts";
import type { AuditAction } from "../../core/audit-actions.ts";
import type { Account } from "../../core/ports/account-store.ts";
import type { PeopleStoresOfChange } from "../../core/ports/transactions.ts";
import type { People } from "../../people/people.ts";
import { databaseAddress, describeDatabase } from "../../storage/database/open-database.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { openPeople } from "../open-people.ts";
import { type OpenStore, withStore } from "../open-store.ts";
import { printFacts, printJson, printTable } from "../print.ts";
import { readPassword } from "../read-password.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";
import { setupLinkCommand } from "./setup-link.ts";

export function peopleCommand(): Command {
  return new Command("people")
    .description(
      "Manage dashboard accounts: list them, reset a password or second factor, print the setup link",
    )
    .addCommand(list())
    .addCommand(resetPassword())
    .addCommand(resetSecondFactor())
    .addCommand(setupLinkCommand());
}

function list(): Command {
  const command = peopleSubcommand("list", "List all accounts");
  return command.action(() =>
    withPeople(command, async ({ people, isJson }) => {
      const everybody = await people.list();
      if (isJson)
        return printJson(
          everybody.map(({ createdAtMs, ...person }) => ({ ...person, createdAt: isoTime(createdAtMs) })),
        );
      const rows = everybody.map(({ email, role, appIds, hasSecondFactor, createdAtMs, name }) => [
        email,
        role,
        appIds === null ? "all" : appIds.join(",") || "none",
        hasSecondFactor ? "yes" : "no",
        isoTime(createdAtMs),
        name,
      ]);
      printTable(["e-mail", "role", "apps", "second factor", "since", "name"], rows);
    }),
  );
}

function resetPassword(): Command {
  const command = peopleSubcommand(
    "reset-password",
    "Set a new password, typed or read from standard input, and end the person's sessions",
    "reset-password ada@example.com",
  ).argument("<email>", "The e-mail address of the account");
  return command.action((email: string) =>
    withPeople(command, async (reach) => {
      const person = await personOf(reach, email);
      const password = await readPassword(person);
      const hash = await reach.people.hashPassword(password, person);
      await reset(reach, person, "account.reset-password", ({ accounts }) =>
        accounts.setPassword(person.id, hash),
      );
      report(reach, person, "log in with the new password");
    }),
  );
}

function resetSecondFactor(): Command {
  const command = peopleSubcommand(
    "reset-second-factor",
    "Remove a person's second factor and end their sessions",
    "reset-second-factor ada@example.com",
  ).argument("<email>", "The e-mail address of the account");
  return command.action((email: string) =>
    withPeople(command, async (reach) => {
      const person = await personOf(reach, email);
      if (!person.hasSecondFactor) throw new Refused(`${person.email} has no second factor`);
      await reset(reach, person, "account.reset-second-factor", ({ secondFactors }) =>
        secondFactors.remove(person.id),
      );
      report(reach, person, "log in with the password, and add a second factor under Account");
    }),
  );
}

function peopleSubcommand(name: string, description: string, example = name): Command {
  const command = withExample(new Command(name), `people ${example}`)
    .description(description)
    .option("--json", "Print JSON");
  return addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix"]);
}

interface PeopleReach extends Pick<OpenStore, "inOnePeopleTransaction"> {
  readonly people: People;
  /** The database's name for messages. */
  readonly database: string;
  readonly isJson: boolean;
}

/** Works on the database directly, because a locked-out person may have no access to the server. */
function withPeople(command: Command, work: (reach: PeopleReach) => Promise<void>): Promise<void> {
  const isJson = command.opts<{ json?: true }>().json === true;
  const { config } = configOf(command);
  return withStore(config, async ({ db, inOnePeopleTransaction }) => {
    await work({
      people: await openPeople(db),
      inOnePeopleTransaction,
      database: describeDatabase(databaseAddress(config)),
      isJson,
    });
  });
}

async function personOf({ people, database }: PeopleReach, email: string): Promise<Account> {
  const person = await people.findByEmail(email.toLowerCase());
  if (person !== null) return person;
  throw new Refused(
    `No account in ${database} has the address ${email}. \`soketify people list\` shows all accounts`,
  );
}

/** Makes the change and its audit entry in one transaction. */
async function reset(
  { inOnePeopleTransaction }: PeopleReach,
  { email }: Account,
  action: AuditAction,
  change: (stores: PeopleStoresOfChange) => Promise<unknown>,
): Promise<void> {
  await inOnePeopleTransaction(async (stores) => {
    await change(stores);
    const what = { action, target: `person ${email}`, appId: null, before: null, after: null };
    await stores.audit.append({ ...auditActor(cliActor), ...what });
  });
}

function report({ isJson }: PeopleReach, { email }: Account, next: string): void {
  if (isJson) {
    printJson({ email });
    return;
  }
  printFacts([
    ["person", email],
    ["sessions", "all ended"],
    ["next", next],
  ]);
}
