/** `soketify people setup-link`: prints the link that creates the owner's account. Production logs do not contain it. */
import { Command } from "commander";
import { isoTime } from "../../admin-api/handlers.ts";
import { Addresses } from "../../composition/addresses.ts";
import { systemClock } from "../../composition/system-clock.ts";
import type { Config } from "../../config/config.ts";
import { cliActor } from "../../core/actor.ts";
import { Invitations } from "../../people/invitations.ts";
import { inviteFirstOwner } from "../../people/invite-first-owner.ts";
import { KyselyAccountStore } from "../../storage/people/kysely-account-store.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { findLocalServer } from "../local-server.ts";
import { withStore } from "../open-store.ts";
import { printFacts, printJson } from "../print.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";

export function setupLinkCommand(): Command {
  const command = withExample(new Command("setup-link"), "people setup-link")
    .description("Print a one-time link that creates the owner's account")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(() => {
    const { config } = configOf(command);
    const dashboardUrl = dashboardOf(config);
    return withStore(config, async ({ db, inOnePeopleTransaction }) => {
      if ((await new KyselyAccountStore(db).count()) > 0)
        throw new Refused(
          "An account already exists. Its owner can invite others in the dashboard. `soketify people list` shows all accounts; `soketify people reset-password` resets a password",
        );
      const { token, expiresAtMs } = await inOnePeopleTransaction(({ accounts, audit }) =>
        inviteFirstOwner(new Invitations(accounts, systemClock), audit, cliActor),
      );
      const expires = isoTime(expiresAtMs);
      const url = `${dashboardUrl}/setup#${token}`;
      if (command.opts<{ json?: true }>().json) return printJson({ url, expires });
      printFacts([
        ["link", url],
        ["expires", expires],
      ]);
    });
  });
}

/** The running server knows the URL under which people reach it. */
function dashboardOf(config: Config): string {
  const local = findLocalServer(config);
  const url = local === null ? new Addresses(config).dashboard : local.dashboardUrl;
  if (url === null)
    throw new Refused("The dashboard is disabled. Start the server with SOKETIFY_DASHBOARD_ENABLED=true");
  return url;
}
