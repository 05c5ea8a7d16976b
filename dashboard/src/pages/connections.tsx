/** Open connections, those that closed lately and why, and the story of one. */
import { useState } from "react";
import type { ClosedConnection, Connection } from "../../../server/src/admin-api/channel-contract.ts";
import { useGet } from "../api/use-api.ts";
import { duration, number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { exactly, When } from "../ui/when.tsx";
import { CodeBadge } from "./close-reason.tsx";
import { codeWords } from "./code-words.ts";
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
    { path, query: { limit: 200 } },
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
          {({ connections, nextCursor, rememberedSince }) =>
            connections.length === 0 ? (
              <Empty title="None has closed">None since {exactly(rememberedSince)}.</Empty>
            ) : (
              <>
                <ClosedTable connections={connections} onOpen={setOpened} />
                {nextCursor === null && (
                  <p className="border-t border-line px-4 py-2 text-xs text-faint">
                    Every one since {exactly(rememberedSince)}
                  </p>
                )}
              </>
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
            <SocketButton socketId={connection.socketId} onOpen={onOpen} />
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
