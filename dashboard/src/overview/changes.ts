/** The changes in a time range: settings, secrets and webhooks of the app, and the nodes of the server. */
import type { AuditEntry, Node, NodeStart } from "@soketify/admin";
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import type { Period } from "../ui/time-range.ts";

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
export function useChanges(appId: string, { from, to }: Period): Change[] {
  const audit = useGet(
    "GET /audit",
    { query: { appId, from, to, limit: entriesMax } },
    { everyMs, isEnabled: useMay("audit.read") },
  );
  const isOperator = useMay("server.read");
  const nodes = useGet("GET /nodes", {}, { everyMs, isEnabled: isOperator });
  const starts = useGet("GET /nodes/starts", { query: { from, to } }, { everyMs, isEnabled: isOperator });
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return [
    ...(audit.data?.entries ?? []).flatMap(ofEntry),
    ...(starts.data?.starts ?? []).map(ofStart),
    ...(nodes.data?.nodes ?? []).flatMap(ofEnd),
  ]
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .sort((one, other) => one.atMs - other.atMs);
}

function ofEntry({ at, action, actor }: AuditEntry): Change[] {
  const words = actions[action];
  return words === undefined ? [] : [{ atMs: Date.parse(at), words: `${words} by ${actor}` }];
}

function ofStart({ name, version, commit, at, isDeploy }: NodeStart): Change {
  const build = commit === null ? version : `${version} (commit ${commit})`;
  const words = isDeploy
    ? `Deployed: ${name} started with version ${build}`
    : `${name} started with version ${build}`;
  return { atMs: Date.parse(at), words };
}

/** The end of a node, which the server lists for an hour. */
function ofEnd({ name, lastSeenAt, state }: Node): Change[] {
  if (state !== "stopped" && state !== "died") return [];
  return [
    { atMs: Date.parse(lastSeenAt), words: `${name} ${state === "died" ? "died" : "drained and stopped"}` },
  ];
}
