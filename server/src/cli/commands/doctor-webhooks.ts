/** The check of `soketify doctor` whether this machine reaches the receivers of webhooks. */
import { connect } from "node:net";
import type { Config } from "../../config/config.ts";
import { webhookTargets } from "../../config/webhook-targets.ts";
import { type Target, TargetGuard, TargetRefused, TargetUnknown } from "../../webhooks/target-guard.ts";
import type { AdminClient } from "../admin-client.ts";
import { allApps } from "../find-app.ts";
import { type Finding, failed, passed } from "./finding.ts";

const connectTimeoutMs = 3_000;
const receiversMax = 50;

/** Connects to each receiver, and sends nothing. @param admin null if no server runs on this machine */
export async function checkWebhooks(
  config: Config,
  admin: AdminClient | null,
): Promise<Omit<Finding, "check">> {
  if (admin === null) return passed("not checked: no server runs on the data folder");
  const receivers = await receiversOf(admin);
  const guard = new TargetGuard({
    ...webhookTargets(config),
    isLocalhostAllowed: async () => (await admin.call("GET /localhost-webhooks", {})).isAllowed,
  });
  const tried = receivers.slice(0, receiversMax);
  const problems = await Promise.all(tried.map((url) => problemOf(guard, url)));
  const found = problems.filter((problem) => problem !== null);
  const untried = receivers.length - tried.length;
  const rest = untried === 0 ? [] : [`${untried} more were not tried`];
  if (found.length === 0) {
    const reached = tried.length === 1 ? "1 receiver" : `${tried.length} receivers`;
    return passed([`${reached} can be reached`, ...rest].join("; "));
  }
  return failed(
    [...found, ...rest].join("; "),
    "Check the receiver, the firewall between it and this machine, and SOKETIFY_WEBHOOK_ALLOW.",
  );
}

/** One URL for each host and port. */
async function receiversOf(admin: AdminClient): Promise<string[]> {
  const urls = new Map<string, string>();
  for (const { id } of await allApps(admin)) {
    const { webhooks } = await admin.call("GET /apps/{appId}/webhooks", { path: { appId: id } });
    for (const { url, enabled } of webhooks) if (enabled) urls.set(new URL(url).origin, url);
  }
  return [...urls.values()];
}

async function problemOf(guard: TargetGuard, url: string): Promise<string | null> {
  const { host } = new URL(url);
  try {
    await connectTo(await guard.check(url));
    return null;
  } catch (error) {
    if (error instanceof TargetRefused || error instanceof TargetUnknown) return error.message;
    return `the webhook receiver ${host} cannot be reached: ${error instanceof Error ? error.message : error}`;
  }
}

function connectTo({ url, address }: Target): Promise<void> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.address, port, timeout: connectTimeoutMs }, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
    socket.on("timeout", () => {
      socket.destroy();
      reject(new Error(`no connection within ${connectTimeoutMs} ms`));
    });
  });
}
