/** Open connections, those that closed lately and why, and the story of one. */
import { useState } from "react";
import type { ClosedConnection, Connection } from "../../../server/src/admin-api/channel-contract.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { duration, number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { When } from "../ui/when.tsx";
import { ConnectionDialog } from "./connection-dialog.tsx";
import { sdkOf } from "./live-row.ts";

const askedEveryMs = 2_000;

export default function ConnectionsPage({ appId }: { readonly appId: string }) {
  const [opened, setOpened] = useState<string | null>(null);
  const path = { appId };
  const open = useGet(
    "GET /apps/{appId}/connections",
    { path, query: { limit: 200 } },
    { everyMs: askedEveryMs },
  );
  const closed = useGet(
    "GET /apps/{appId}/connections/closed",
    { path, query: { limit: 50 } },
    { everyMs: askedEveryMs },
  );
  return (
    <Page title="Connections" lead="One connection is one socket of one client.">
      <Panel title="Open" isFlush>
        <Loaded of={open}>
          {({ connections }) =>
            connections.length === 0 ? (
              <Empty title="Nobody is connected">A connection appears as soon as a client opens it.</Empty>
            ) : (
              <OpenTable connections={connections} onOpen={setOpened} />
            )
          }
        </Loaded>
      </Panel>
      <Panel title="Closed lately" isFlush>
        <Loaded of={closed}>
          {({ connections }) =>
            connections.length === 0 ? (
              <Empty title="None has closed since the server started" />
            ) : (
              <ClosedTable connections={connections} />
            )
          }
        </Loaded>
      </Panel>
      {opened !== null && (
        <ConnectionDialog appId={appId} socketId={opened} onClose={() => setOpened(null)} />
      )}
    </Page>
  );
}

function OpenTable({
  connections,
  onOpen,
}: {
  readonly connections: readonly Connection[];
  readonly onOpen: (socketId: string) => void;
}) {
  return (
    <Table label="Open connections" columns={["Socket", "User", "Client", "Address", "Opened", "Channels"]}>
      {connections.map((connection) => (
        <tr key={connection.socketId} className="hover:bg-raised/50">
          <Cell>
            <button
              type="button"
              className="font-mono whitespace-nowrap hover:underline"
              onClick={() => onOpen(connection.socketId)}
            >
              {connection.socketId}
            </button>
          </Cell>
          <Cell className="font-mono">{connection.userId ?? "–"}</Cell>
          <Cell>{sdkOf(connection) || "unknown"}</Cell>
          <Cell className="font-mono text-soft">{connection.address}</Cell>
          <Cell className="whitespace-nowrap">
            <When at={connection.openedAt} />
          </Cell>
          <Cell className="tabular-nums">{number(connection.channelCount)}</Cell>
        </tr>
      ))}
    </Table>
  );
}

function ClosedTable({ connections }: { readonly connections: readonly ClosedConnection[] }) {
  return (
    <Table label="Closed connections" columns={["Socket", "User", "Client", "Closed", "Open for", "Why"]}>
      {connections.map((connection) => (
        <tr key={`${connection.socketId} ${connection.closedAt}`}>
          <Cell className="font-mono whitespace-nowrap">{connection.socketId}</Cell>
          <Cell className="font-mono">{connection.userId ?? "–"}</Cell>
          <Cell>{sdkOf(connection) || "unknown"}</Cell>
          <Cell className="whitespace-nowrap">
            <When at={connection.closedAt} />
          </Cell>
          <Cell className="whitespace-nowrap tabular-nums">
            {duration(Date.parse(connection.closedAt) - Date.parse(connection.openedAt))}
          </Cell>
          <Cell>
            <span className="flex items-center gap-2">
              <Badge tone={connection.code < 4_000 ? "plain" : "warn"}>{connection.code}</Badge>
              {connection.reason || "The client went away"}
            </span>
          </Cell>
        </tr>
      ))}
    </Table>
  );
}
