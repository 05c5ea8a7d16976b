/** The problems of all apps, above the list of apps. */
import type { AttentionItem, LimitUse } from "@soketify/admin";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { shareOf } from "../../../server/src/core/limits/limit-use.ts";
import { useGet } from "../api/use-api.ts";
import { limitUseWords } from "../limits/limit-words.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { hourAndMinute } from "../ui/clock.ts";
import { duration, milliseconds, percent, plural } from "../ui/numbers.ts";
import { ShowAll } from "../ui/show-all.tsx";
import { Failure } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";

const everyMs = 5_000;
const shownMax = 5;

export function Attention() {
  const { data, error, refetch } = useGet("GET /attention", {}, { everyMs });
  const [isAll, setIsAll] = useState(false);
  if (data === undefined)
    return error === null ? (
      <PlainMessage>…</PlainMessage>
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  const { items, total } = data;
  if (total === 0) return <PlainMessage>Nothing needs attention.</PlainMessage>;
  return (
    <section aria-label="Needs attention" className="rounded-lg border border-line bg-panel text-[13px]">
      <ul className="divide-y divide-line">
        {(isAll ? items : items.slice(0, shownMax)).map((item) => (
          <li key={keyOf(item)} className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
            <Item item={item} />
          </li>
        ))}
      </ul>
      {total > shownMax && <ShowAll total={total} isAll={isAll} onChange={setIsAll} className="px-4 py-1" />}
    </section>
  );
}

/** The height of one item, so that the list below moves little. */
function PlainMessage({ children }: { readonly children: ReactNode }) {
  return <p className="rounded-lg border border-line px-4 py-2 text-[13px] text-soft">{children}</p>;
}

function Item({ item }: { readonly item: AttentionItem }) {
  const { tone, label } = looks[item.kind];
  return (
    <>
      <Badge tone={tone}>{label}</Badge>
      {"appId" in item && (
        <Link to={pathOf(item)} className="max-w-full truncate font-medium hover:underline">
          {item.appName}
        </Link>
      )}
      <span className="min-w-0 break-words text-soft">
        <Words item={item} />
      </span>
    </>
  );
}

const looks: {
  readonly [Kind in AttentionItem["kind"]]: { readonly tone: Tone; readonly label: string };
} = {
  database: { tone: "bad", label: "Database" },
  slowDatabase: { tone: "warn", label: "Slow database" },
  deadNode: { tone: "bad", label: "Node died" },
  errors: { tone: "bad", label: "Errors" },
  webhook: { tone: "bad", label: "Webhook" },
  nearLimit: { tone: "warn", label: "Near limit" },
  nearServerLimit: { tone: "warn", label: "Near limit" },
  oldSecret: { tone: "warn", label: "Old secret" },
  unknownKey: { tone: "warn", label: "Unknown key" },
};

/** The page where the person can see or change it. */
function pathOf({ kind, appId }: Extract<AttentionItem, { readonly appId: string }>): string {
  const page = { errors: "overview", webhook: "webhooks", nearLimit: "connections", oldSecret: "settings" }[
    kind
  ];
  return `/apps/${appId}/${page}`;
}

function Words({ item }: { readonly item: AttentionItem }) {
  switch (item.kind) {
    case "database":
      return `${item.node}: ${item.problem}`;
    case "slowDatabase":
      return (
        <>
          <NodeLink name={item.node} /> waits {milliseconds(item.latencyMs)} for one query. It should be less
          than {milliseconds(item.slowFromMs)}. Check the database's load, its disk, and the network to it.
          Logins, settings and webhooks are slower meanwhile.
        </>
      );
    case "deadNode":
      return (
        <>
          <NodeLink name={item.node} /> stopped reporting without a shutdown, <When at={item.diedAt} />. Its
          clients reconnect to other nodes.{" "}
          {item.isBack ? "A node with this name reports again." : "See its log."}
        </>
      );
    case "errors":
      return `${plural(item.errors, "error")} since ${hourAndMinute(item.since)}`;
    case "webhook":
      return `${item.url} is ${item.state} after repeated failures`;
    case "nearLimit":
      return limitWords(item);
    case "nearServerLimit":
      return (
        <>
          <NodeLink name={item.node ?? "The server"} /> {limitWords(item)}
        </>
      );
    case "oldSecret":
      return `In use for ${duration(item.ageMs)}. Rotate it under Settings.`;
    case "unknownKey":
      return (
        <>
          <code>{item.key}</code> from {[item.sender.address, item.sender.sdk].filter(Boolean).join(", ")}:{" "}
          {plural(item.handshakes, "connection attempt")}, last <When at={item.lastAt} />. No app has this
          key.
        </>
      );
    default:
      throw item satisfies never;
  }
}

function NodeLink({ name }: { readonly name: string }) {
  return (
    <Link to="/nodes" className="font-medium text-ink hover:underline">
      {name}
    </Link>
  );
}

function limitWords(use: Pick<LimitUse, "limit" | "pattern" | "used" | "max">): string {
  return `${limitUseWords(use)} (${percent(shareOf(use))})`;
}

function keyOf(item: AttentionItem): string {
  const of = "appId" in item ? item.appId : item.kind === "unknownKey" ? item.key : item.node;
  const which =
    item.kind === "webhook"
      ? item.webhookId
      : item.kind === "deadNode"
        ? item.diedAt
        : "limit" in item
          ? `${item.limit} ${"pattern" in item ? item.pattern : ""}`
          : "";
  return [item.kind, of, which].join(" ");
}
