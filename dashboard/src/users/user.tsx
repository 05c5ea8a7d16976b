/** One user of an app: their connections, their past and current channels, and the events that were sent to them. */
import type { UserConnection } from "@soketify/admin";
import { useState } from "react";
import { useSearch } from "wouter";
import { useGet } from "../api/use-api.ts";
import { CodeBadge } from "../connections/close-reason.tsx";
import { ConnectionDialog } from "../connections/connection-dialog.tsx";
import { SocketButton } from "../connections/socket-button.tsx";
import { sdkOf } from "../console/live-row.ts";
import { PublishedEvents } from "../traffic/published-events.tsx";
import { Badge } from "../ui/badge.tsx";
import { exactly } from "../ui/clock.ts";
import { plural } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { ClockTime, When } from "../ui/when.tsx";

const askedEveryMs = 2_000;
/** Few, so that the events below stay visible. */
const staysShown = 8;

export default function UserPage({ appId }: { readonly appId: string }) {
  const userId = new URLSearchParams(useSearch()).get("id") ?? "";
  return <User key={userId} appId={appId} userId={userId} />;
}

function User({ appId, userId }: { readonly appId: string; readonly userId: string }) {
  const { opened, close } = useOpened("socket");
  const user = useGet(
    "GET /apps/{appId}/users/{userId}",
    { path: { appId, userId } },
    { everyMs: askedEveryMs },
  );
  return (
    <Page title={`User ${userId}`} lead="The events that were sent to this user, and the user's connections.">
      <Unanswered nodes={user.data?.unanswered} />
      <Panel title="Connections" isFlush>
        <Loaded of={user}>
          {({ connections, rememberedSince }) =>
            connections.length === 0 ? (
              <Empty title="No connections of this user">None since {exactly(rememberedSince)}.</Empty>
            ) : (
              <Table
                label="Connections of the user"
                columns={connectionColumns(connections.some(({ node }) => node !== null))}
                rows={connections}
                keyOf={({ socketId }) => socketId}
              />
            )
          }
        </Loaded>
      </Panel>
      <PublishedEvents appId={appId} userId={userId} />
      <ConnectionDialog appId={appId} socketId={opened} onClose={close} />
    </Page>
  );
}

function connectionColumns(hasNodes: boolean): readonly Column<UserConnection>[] {
  const columns: readonly Column<UserConnection>[] = [
    { name: "Socket", inCard: "title", cell: ({ socketId }) => <SocketButton socketId={socketId} /> },
    {
      name: "State",
      className: "whitespace-nowrap",
      cell: ({ code, closedAt }) =>
        code === null ? (
          <Badge tone="good">Open</Badge>
        ) : (
          <span className="flex items-baseline gap-1.5">
            <CodeBadge code={code} /> <When at={closedAt} />
          </span>
        ),
    },
    { name: "Opened", className: "whitespace-nowrap", cell: ({ openedAt }) => <When at={openedAt} /> },
    { name: "Channels", inCard: "line", cell: (connection) => <Stays of={connection} /> },
    { name: "Client", cell: (connection) => sdkOf(connection) || "unknown" },
    { name: "Address", className: "font-mono text-soft", cell: ({ address }) => address },
  ];
  return hasNodes ? [...columns, { name: "Node", cell: ({ node }) => node?.name ?? "–" }] : columns;
}

function Stays({ of: { stays, isWhole } }: { readonly of: UserConnection }) {
  const [isAll, setIsAll] = useState(false);
  const latest = stays.toReversed();
  const hidden = isAll ? 0 : Math.max(0, latest.length - staysShown);
  return (
    <ul className="grid gap-0.5">
      {latest.slice(0, latest.length - hidden).map(({ channel, from, until }) => (
        <li key={`${channel} ${from} ${until}`}>
          <span className="font-mono wrap-anywhere">{channel}</span>{" "}
          <span className="text-xs whitespace-nowrap text-soft tabular-nums">
            {from === null ? "earlier" : <ClockTime at={from} />}
            {until === null ? " until now" : " to "}
            {until !== null && <ClockTime at={until} />}
          </span>
        </li>
      ))}
      {hidden > 0 && (
        <li>
          <button type="button" className="text-xs text-link hover:underline" onClick={() => setIsAll(true)}>
            Show {plural(hidden, "more subscription", "more subscriptions")}
          </button>
        </li>
      )}
      {stays.length === 0 && <li className="text-soft">none</li>}
      {!isWhole && <li className="text-xs text-soft">Earlier subscriptions are no longer stored.</li>}
    </ul>
  );
}
