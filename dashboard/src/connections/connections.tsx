/** Open connections, recently closed ones with their reasons, and the timeline of one. */
import type { ClosedConnection, Connection } from "@soketify/admin";
import { useDeferredValue } from "react";
import { useList } from "../api/use-list.ts";
import { sdkOf } from "../console/live-row.ts";
import { exactly } from "../ui/clock.ts";
import { ListEnd } from "../ui/list-end.tsx";
import { LongTable } from "../ui/long-table.tsx";
import { duration, number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { useUrlText } from "../ui/use-url-text.ts";
import { When } from "../ui/when.tsx";
import { CodeBadge } from "./close-reason.tsx";
import { codeWords } from "./code-words.ts";
import { ConnectionDialog } from "./connection-dialog.tsx";
import { SocketButton } from "./socket-button.tsx";
import { transportWords } from "./transport-words.ts";
import { userWords } from "./user-words.ts";

const askedEveryMs = 2_000;
const openOf = (page: { readonly connections: readonly Connection[] }) => page.connections;
const closedOf = (page: { readonly connections: readonly ClosedConnection[] }) => page.connections;

export default function ConnectionsPage({ appId }: { readonly appId: string }) {
  const [search, setSearch] = useUrlText("search");
  const wanted = useDeferredValue(search.trim());
  const { opened, close } = useOpened("socket");
  const path = { appId };
  const open = useList(
    "GET /apps/{appId}/connections",
    { path, query: { search: wanted, limit: 200 } },
    openOf,
    { everyMs: askedEveryMs },
  );
  const closed = useList(
    "GET /apps/{appId}/connections/closed",
    { path, query: { search: wanted, limit: 50 } },
    closedOf,
    { everyMs: askedEveryMs },
  );
  const { firstPage } = closed;
  const rememberedSince = firstPage === undefined ? "" : exactly(firstPage.rememberedSince);
  return (
    <Page title="Connections" lead="Each connection is one WebSocket or HTTP session of a client.">
      <SearchField label="Start of a socket ID, user ID or address" value={search} onChange={setSearch} />
      <Unanswered nodes={open.firstPage?.unanswered} />
      <Panel title="Open" isFlush>
        <Loaded of={open.query}>
          {() =>
            open.rows.length === 0 ? (
              <Empty title={search === "" ? "No open connections" : "No open connection matches"}>
                A connection appears as soon as a client opens it.
              </Empty>
            ) : (
              <LongTable
                label="Open connections"
                noun="connection"
                columns={
                  open.rows.some(({ node }) => node !== null) ? [...openColumns, nodeColumn] : openColumns
                }
                list={open}
                keyOf={({ socketId }) => socketId}
                rowClass={() => "hover:bg-raised/50"}
              />
            )
          }
        </Loaded>
      </Panel>
      <Panel title="Recently closed" isFlush>
        <Loaded of={closed.query}>
          {() =>
            closed.rows.length === 0 ? (
              <Empty title={search === "" ? "No connection was closed" : "No closed connection matches"}>
                None since {rememberedSince}.
              </Empty>
            ) : (
              <>
                <Table
                  label="Closed connections"
                  columns={
                    closed.rows.some(({ node }) => node !== null)
                      ? [...closedColumns, nodeColumn]
                      : closedColumns
                  }
                  rows={closed.rows}
                  keyOf={({ socketId, closedAt }) => `${socketId} ${closedAt}`}
                />
                <ListEnd list={closed} noun="connection" whole={`: complete since ${rememberedSince}`} />
              </>
            )
          }
        </Loaded>
      </Panel>
      <ConnectionDialog appId={appId} socketId={opened} onClose={close} />
    </Page>
  );
}

const userColumn: Column<Pick<Connection, "userId" | "memberships">> = {
  name: "User",
  inCard: "line",
  className: "font-mono",
  cell: (connection) => userWords(connection) ?? "–",
};

const openColumns: readonly Column<Connection>[] = [
  {
    name: "Socket",
    width: "w-56",
    inCard: "title",
    cell: ({ socketId }) => <SocketButton socketId={socketId} />,
  },
  userColumn,
  { name: "Client", width: "w-52", cell: clientWords },
  { name: "Address", width: "w-36", className: "font-mono text-soft", cell: ({ address }) => address },
  { name: "Opened", width: "w-36", cell: ({ openedAt }) => <When at={openedAt} /> },
  {
    name: "Channels",
    width: "w-28",
    isNumber: true,
    cell: ({ channelCount }) => number(channelCount),
  },
];

function clientWords(connection: Connection): string {
  const sdk = sdkOf(connection) || "unknown";
  const { transport } = connection;
  return transport === "websocket" ? sdk : `${sdk}, ${transportWords[transport]}`;
}

/** Shown if there can be several nodes. */
const nodeColumn: Column<Pick<Connection, "node">> = {
  name: "Node",
  width: "w-28",
  cell: ({ node }) => node?.name ?? "",
};

const closedColumns: readonly Column<ClosedConnection>[] = [
  { name: "Socket", inCard: "title", cell: ({ socketId }) => <SocketButton socketId={socketId} /> },
  { name: "Why", inCard: "line", cell: ({ code, reason }) => <Why code={code} reason={reason} /> },
  userColumn,
  { name: "Client", cell: (connection) => sdkOf(connection) || "unknown" },
  { name: "Closed", className: "whitespace-nowrap", cell: ({ closedAt }) => <When at={closedAt} /> },
  {
    name: "Open for",
    isNumber: true,
    className: "whitespace-nowrap",
    cell: ({ openedAt, closedAt }) => duration(Date.parse(closedAt) - Date.parse(openedAt)),
  },
];

function Why({ code, reason }: Pick<ClosedConnection, "code" | "reason">) {
  return (
    <span className="flex items-baseline gap-2">
      <CodeBadge code={code} />
      <span className="min-w-0">
        {codeWords(code).title}
        {reason !== "" && <span className="block text-xs break-words text-soft">{reason}</span>}
      </span>
    </span>
  );
}
