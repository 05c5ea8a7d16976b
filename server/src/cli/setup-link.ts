/** `soketify people setup-link`: the link that makes the first owner's account, which the log of production does not hold. */
import { Command } from "commander";
import { Addresses } from "../composition/addresses.ts";
import { systemClock } from "../composition/system-clock.ts";
import type { Config } from "../config/config.ts";
import { cliActor, noted } from "../core/actor.ts";
import { Invitations } from "../people/invitations.ts";
import { atomically } from "../storage/atomically.ts";
import { KyselyAccountStore } from "../storage/kysely-account-store.ts";
import { KyselyAuditLog } from "../storage/kysely-audit-log.ts";
import { addConfigFlags, configOf } from "./config-flags.ts";
import { findLocalServer } from "./local-server.ts";
import { withStore } from "./open-store.ts";
import { printFacts, printJson } from "./print.ts";
import { Refused } from "./refused.ts";
import { withExample } from "./with-example.ts";

const owner = { email: null, role: "owner", appIds: null, invitedBy: cliActor.name, ownerId: null } as const;

export function setupLinkCommand(): Command {
  const command = withExample(new Command("setup-link"), "people setup-link")
    .description("Print a link, good for one use, that makes the first owner's account")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(() => {
    const { config } = configOf(command);
    const dashboardUrl = dashboardOf(config);
    return withStore(config, async ({ db, auditKey }) => {
      if ((await new KyselyAccountStore(db).count()) > 0)
        throw new Refused(
          "Somebody has an account already, and invites others in the dashboard: soketify people list shows who, people reset-password lets them in again",
        );
      await auditKey.load();
      const { token, expires } = await atomically(db, async (transaction) => {
        const invitations = new Invitations(new KyselyAccountStore(transaction), systemClock);
        const made = await invitations.make(owner);
        const expires = new Date(made.invitation.expiresAtMs).toISOString();
        const what = { action: "person.invite", target: "the first owner", appId: null, before: null };
        const log = new KyselyAuditLog(transaction, auditKey, systemClock);
        await log.append({ ...noted(cliActor), ...what, after: { role: owner.role, expires } });
        return { token: made.token, expires };
      });
      const url = `${dashboardUrl}/setup#${token}`;
      if (command.opts<{ json?: true }>().json) return printJson({ url, expires });
      printFacts([
        ["link", url],
        ["expires", expires],
      ]);
    });
  });
}

/** The running server knows best under which URL people reach it. */
function dashboardOf(config: Config): string {
  const local = findLocalServer(config);
  const url = local === null ? new Addresses(config).dashboard : local.dashboardUrl;
  if (url === null)
    throw new Refused("The server serves no dashboard: start it with SOKETIFY_DASHBOARD_ENABLED=true");
  return url;
}
