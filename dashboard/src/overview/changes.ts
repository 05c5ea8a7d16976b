/** The changes in a time range: settings, secrets and webhooks of the app, and the nodes of the server. */
import type { AuditEntry, Node } from "../../../server/src/admin-api/contracts/server.ts";
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import type { Stretch } from "../ui/time-range.ts";

export interface Change {
  readonly atMs: number;
  readonly words: string;
}

const actions: Readonly<Record<string, string>> = {
  "app.create": "App created",
  "app.update": "Settings changed",
  "app.import": "App imported",
  "secret.rotate": "Rotation started",
  "secret.rotate-at-once": "Secret replaced immediately",
  "secret.activate": "New secret activated",
  "secret.cancel": "Rotation cancelled",
  "secret.replace": "Secret replaced",
  "webhook.create": "Webhook created",
  "webhook.update": "Webhook changed",
  "webhook.delete": "Webhook deleted",
};
const everyMs = 10_000;
const entriesMax = 200;

/** Oldest first. Changes that the person may not read are missing. */
export function useChanges(appId: string, { from, to }: Stretch): Change[] {
  const audit = useGet(
    "GET /audit",
    { query: { appId, from, to, limit: entriesMax } },
    { everyMs, isEnabled: useMay("audit.read") },
  );
  const nodes = useGet("GET /nodes", {}, { everyMs, isEnabled: useMay("server.read") });
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return [...(audit.data?.entries ?? []).flatMap(ofEntry), ...(nodes.data?.nodes ?? []).flatMap(ofNode)]
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .sort((one, other) => one.atMs - other.atMs);
}

function ofEntry({ at, action, actor }: AuditEntry): Change[] {
  const words = actions[action];
  return words === undefined ? [] : [{ atMs: Date.parse(at), words: `${words} by ${actor}` }];
}

function ofNode({ name, version, startedAt, lastSeenAt, state }: Node): Change[] {
  const started = { atMs: Date.parse(startedAt), words: `${name} started with version ${version}` };
  if (state === "stopped")
    return [started, { atMs: Date.parse(lastSeenAt), words: `${name} drained and stopped` }];
  if (state === "died") return [started, { atMs: Date.parse(lastSeenAt), words: `${name} died` }];
  return [started];
}
