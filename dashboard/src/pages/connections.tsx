/** Open connections, those that closed lately and why, and the story of one. */
import { useDeferredValue, useState } from "react";
import type { ClosedConnection, Connection } from "../../../server/src/admin-api/channel-contract.ts";
import { type List, useList } from "../api/use-list.ts";
import { ListEnd } from "../ui/list-end.tsx";
import { LongCell, LongTable } from "../ui/long-table.tsx";
import { duration, number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { exactly, When } from "../ui/when.tsx";
import { CodeBadge } from "./close-reason.tsx";
import { codeWords } from "./code-words.ts";
import { ConnectionDialog } from "./connection-dialog.tsx";
import { sdkOf } from "./live-row.ts";

const askedEveryMs = 2_000;
const openOf = (page: { readonly connections: readonly Connection[] }) => page.connections;
const closedOf = (page: { readonly connections: readonly ClosedConnection[] }) => page.connections;

export default function ConnectionsPage({ appId }: { readonly appId: string }) {
  const [search, setSearch] = useState("");
  const [opened, setOpened] = useState<string | null>(null);
  const path = { appId };
  const open = useList(
    "GET /apps/{appId}/connections",
    { path, query: { search: useDeferredValue(search.trim()), limit: 200 } },
    openOf,
    { everyMs: askedEveryMs },
  );
  const closed = useList("GET /apps/{appId}/connections/closed", { path, query: { limit: 50 } }, closedOf, {
    everyMs: askedEveryMs,
  });
  const rememberedSince = exactly(closed.firstPage?.rememberedSince ?? "");
  return (
    <Page title="Connections" lead="One connection is one socket of one client.">
      <SearchField label="Socket, user or address begins with…" value={search} onChange={setSearch} />
      <Panel title="Open" isFlush>
        <Loaded of={open.query}>
          {() =>
            open.rows.length === 0 ? (
              <Empty title={search === "" ? "Nobody is connected" : "No open connection begins so"}>
                A connection appears as soon as a client opens it.
              </Empty>
            ) : (
              <OpenTable connections={open} onOpen={setOpened} />
            )
          }
        </Loaded>
      </Panel>
      <Panel title="Closed lately" isFlush>
        <Loaded of={closed.query}>
          {() =>
            closed.rows.length === 0 ? (
              <Empty title="None has closed">None since {rememberedSince}.</Empty>
            ) : (
              <>
                <ClosedTable connections={closed.rows} onOpen={setOpened} />
                <ListEnd list={closed} noun="connection" />
                {!closed.hasMore && (
                  <p className="border-t border-line px-4 py-2 text-xs text-faint">
                    Every one since {rememberedSince}
                  </p>
                )}
              </>
            )
          }
        </Loaded>
      </Panel>
      <ConnectionDialog appId={appId} socketId={opened} onClose={() => setOpened(null)} />
    </Page>
  );
}

const openColumns = [
  { name: "Socket", className: "w-48" },
  { name: "User" },
  { name: "Client", className: "w-32" },
  { name: "Address", className: "w-36" },
  { name: "Opened", className: "w-32" },
  { name: "Channels", className: "w-24" },
];

function OpenTable({
  connections,
  onOpen,
}: {
  readonly connections: List<Connection>;
  readonly onOpen: (socketId: string) => void;
}) {
  return (
    <LongTable
      label="Open connections"
      noun="connection"
      columns={openColumns}
      list={connections}
      keyOf={({ socketId }) => socketId}
      rowClass={() => "hover:bg-raised/50"}
    >
      {(connection) => (
        <>
          <LongCell>
            <SocketButton socketId={connection.socketId} onOpen={onOpen} />
          </LongCell>
          <LongCell className="font-mono">{connection.userId ?? "–"}</LongCell>
          <LongCell>{sdkOf(connection) || "unknown"}</LongCell>
          <LongCell className="font-mono text-soft">{connection.address}</LongCell>
          <LongCell>
            <When at={connection.openedAt} />
          </LongCell>
          <LongCell className="tabular-nums">{number(connection.channelCount)}</LongCell>
        </>
      )}
    </LongTable>
  );
}

function ClosedTable({
  connections,
  onOpen,
}: {
  readonly connections: readonly ClosedConnection[];
  readonly onOpen: (socketId: string) => void;
}) {
  return (
    <Table label="Closed connections" columns={["Socket", "Why", "User", "Client", "Closed", "Open for"]}>
      {connections.map(({ socketId, code, reason, userId, openedAt, closedAt, ...sdk }) => (
        <tr key={`${socketId} ${closedAt}`} className="hover:bg-raised/50">
          <Cell>
            <SocketButton socketId={socketId} onOpen={onOpen} />
          </Cell>
          <Cell>
            <span className="flex items-baseline gap-2">
              <CodeBadge code={code} />
              <span className="min-w-40">
                {codeWords(code).title}
                {reason !== "" && <span className="block text-xs text-soft">{reason}</span>}
              </span>
            </span>
          </Cell>
          <Cell className="font-mono">{userId ?? "–"}</Cell>
          <Cell>{sdkOf(sdk) || "unknown"}</Cell>
          <Cell className="whitespace-nowrap">
            <When at={closedAt} />
          </Cell>
          <Cell className="whitespace-nowrap tabular-nums">
            {duration(Date.parse(closedAt) - Date.parse(openedAt))}
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

/** Opens the timeline. */
function SocketButton({
  socketId,
  onOpen,
}: {
  readonly socketId: string;
  readonly onOpen: (socketId: string) => void;
}) {
  return (
    <button
      type="button"
      className="font-mono whitespace-nowrap text-link hover:underline"
      onClick={() => onOpen(socketId)}
    >
      {socketId}
    </button>
  );
}
