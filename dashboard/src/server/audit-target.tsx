/** The object of an audited action, with a link if a page shows it. */
import type { AuditEntry } from "@soketify/admin";
import { Link } from "wouter";

/** By the first word of the target: the page of the app. */
const pageOfApp: Readonly<Record<string, string>> = {
  app: "overview",
  secret: "settings",
  webhook: "webhooks",
  delivery: "webhooks",
};
const pageOfServer: Readonly<Record<string, string>> = {
  token: "/tokens",
  person: "/team",
  invitation: "/team",
  account: "/team",
};

export function Target({
  entry: { target, appId },
  nameOf,
}: {
  readonly entry: Pick<AuditEntry, "target" | "appId">;
  readonly nameOf: (appId: string) => string;
}) {
  const [kind = "", id = ""] = (target ?? "").split(" ");
  const path = pathOf(kind, id, appId);
  const words = kind === "app" && appId !== null ? nameOf(appId) : (target ?? "");
  return (
    <span title={target ?? ""}>
      {path === null ? (
        words
      ) : (
        <Link to={path} className="text-link hover:underline">
          {words}
        </Link>
      )}
      {appId !== null && (
        <span className="text-xs text-soft"> {kind === "app" ? id : `of ${nameOf(appId)}`}</span>
      )}
    </span>
  );
}

function pathOf(kind: string, id: string, appId: string | null): string | null {
  if (appId === null) return pageOfServer[kind] ?? null;
  if (kind === "connection") return `/apps/${appId}/connections?${new URLSearchParams({ socket: id })}`;
  const page = pageOfApp[kind];
  return page === undefined ? null : `/apps/${appId}/${page}`;
}
