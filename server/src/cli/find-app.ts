/** Finds the app that a person names on the command line. */

import type { App } from "@soketify/admin";
import { type Command, InvalidArgumentError } from "commander";
import { appIdPattern } from "../core/apps/credentials.ts";
import type { AdminClient } from "./admin-client.ts";
import { type Reach, withAdmin } from "./management-command.ts";
import { Refused, RefusedByServer } from "./refused.ts";
import type { CreateServer } from "./server-port.ts";

/** The maximum length that the admin API accepts. */
const searchLengthMax = 100;

interface AppReach extends Reach {
  readonly appId: string;
}

export function withAppArgument(command: Command): Command {
  return command.argument("<app>", "The app's id, key or name", appText);
}

/** Like `withAdmin`, for a command with an app argument. @param app the argument's value */
export function withApp(
  command: Command,
  createServer: CreateServer,
  app: string,
  work: (reach: AppReach) => Promise<void>,
): Promise<void> {
  return withAdmin(command, createServer, async (reach) =>
    work({ ...reach, appId: await findAppId(reach.admin, app) }),
  );
}

/** @throws Refused if no app or several apps have this name */
export async function findAppId(admin: AdminClient, given: string): Promise<string> {
  // Scripts use ids, which need no search.
  if (appIdPattern.test(given) && (await isAppId(admin, given))) return given;
  const found = await allApps(admin, given);
  const byKey = found.find(({ key }) => key === given);
  if (byKey !== undefined) return byKey.id;
  const [first, ...others] = found.filter(({ name }) => name === given);
  if (first === undefined)
    throw new Refused(`No app has the id, key or name ${given}. \`soketify app list\` shows all apps`);
  if (others.length === 0) return first.id;
  const ids = [first, ...others].map(({ id }) => id).join(", ");
  throw new Refused(`Several apps have the name ${given}: use one of the ids ${ids}`);
}

async function isAppId(admin: AdminClient, appId: string): Promise<boolean> {
  try {
    await admin.call("GET /apps/{appId}", { path: { appId } });
    return true;
  } catch (error) {
    // The API does not tell a token about apps that it has no access to.
    if (error instanceof RefusedByServer && /^(app_not_found|forbidden)$/.test(error.code)) return false;
    throw error;
  }
}

export async function allApps(admin: AdminClient, search?: string): Promise<App[]> {
  const apps: App[] = [];
  let cursor: string | undefined;
  do {
    const page: { apps: App[]; nextCursor: string | null } = await admin.call("GET /apps", {
      query: { search, cursor },
    });
    apps.push(...page.apps);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return apps;
}

function appText(given: string): string {
  if (given !== "" && given.length <= searchLengthMax) return given;
  throw new InvalidArgumentError("It must be an app's id, key or name.");
}
