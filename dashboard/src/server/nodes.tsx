/** The health of each node; nodes that stopped or died are shown for an hour. */
import type { Node } from "@soketify/admin";
import type { ReactNode } from "react";
import { useGet } from "../api/use-api.ts";
import { transportWords } from "../connections/transport-words.ts";
import { ServerLimitsPanel } from "../limits/limits-panels.tsx";
import { Badge, type Tone } from "../ui/badge.tsx";
import { bytes, duration, milliseconds, number, percent } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { When } from "../ui/when.tsx";

const askedEveryMs = 2_000;
const lagWarnMs = 50;
const roundTripWarnMs = 20;
const queryWarnMs = 200;

const databases: Readonly<Record<string, string>> = {
  sqlite: "SQLite",
  postgres: "PostgreSQL",
  postgresql: "PostgreSQL",
  mysql: "MySQL",
  mariadb: "MariaDB",
};

const states: { readonly [State in Node["state"]]: { readonly tone: Tone; readonly words: string } } = {
  serving: { tone: "good", words: "Serving" },
  draining: { tone: "warn", words: "Draining" },
  silent: { tone: "bad", words: "No reports" },
  stopped: { tone: "plain", words: "Stopped" },
  died: { tone: "bad", words: "Died" },
};

export default function NodesPage() {
  const nodes = useGet("GET /nodes", {}, { everyMs: askedEveryMs });
  return (
    <Page title="Nodes" lead="The current state of each node.">
      <Loaded of={nodes}>{(answer) => <Nodes nodes={answer.nodes} isAlone={answer.isAlone} />}</Loaded>
    </Page>
  );
}

function Nodes({ nodes, isAlone }: { readonly nodes: readonly Node[]; readonly isAlone: boolean }) {
  const alive = nodes.filter(({ state }) => !isGone(state));
  const gone = nodes.filter(({ state }) => isGone(state));
  return (
    <>
      {alive.length === 0 && <Empty title="No nodes" />}
      {alive.map((node) => (
        <NodePanel key={node.id} node={node} isAlone={isAlone} />
      ))}
      {gone.length > 0 && (
        <Panel title="Stopped or died in the last hour" isFlush>
          <Table label="Stopped nodes" columns={goneColumns} rows={gone} keyOf={({ id }) => id} />
        </Panel>
      )}
      <ServerLimitsPanel />
    </>
  );
}

function isGone(state: Node["state"]): boolean {
  return state === "stopped" || state === "died";
}

function NodePanel({ node, isAlone }: { readonly node: Node; readonly isAlone: boolean }) {
  const drops = Object.entries(node.drops).filter(([, dropped]) => dropped > 0);
  return (
    <Panel
      title={node.name}
      lead={
        <>
          Version {node.version}, up {duration(node.uptimeMs)}
          {node.hostname !== node.name && `, on ${node.hostname}`}
          {!isAlone && (
            <>
              , last seen <When at={node.lastSeenAt} />
            </>
          )}
          <span className="block font-mono text-xs wrap-anywhere text-faint">{node.id}</span>
        </>
      }
      actions={<State of={node} />}
    >
      <dl className="grid grid-cols-2 gap-4 text-[13px] sm:grid-cols-4">
        <Fact name="Connections">
          {number(node.connectionCount)}
          <span className="block text-xs font-normal text-soft">{transportsOf(node)}</span>
        </Fact>
        <Fact name="CPU">{percent(node.cpuShare)} of a core</Fact>
        <Fact name="Event-loop lag">
          <Milliseconds value={node.eventLoopLagMs} warnAt={lagWarnMs} />
        </Fact>
        {!isAlone && (
          <Fact name="Redis round trip">
            {node.engineRoundTripMs === null ? (
              <Badge tone="bad">Unreachable</Badge>
            ) : (
              <Milliseconds value={node.engineRoundTripMs} warnAt={roundTripWarnMs} />
            )}
          </Fact>
        )}
        <Fact name="Memory">{bytes(node.residentBytes)}</Fact>
        <Fact name="Heap">{bytes(node.heapUsedBytes)}</Fact>
        <Fact name={`Database (${databases[node.database.kind] ?? node.database.kind})`}>
          {node.database.isReachable ? (
            <>
              <Badge tone="good">Reachable</Badge>
              {node.database.latencyMs !== null && (
                <span className="ml-2 text-[13px] font-normal">
                  <Milliseconds value={node.database.latencyMs} warnAt={queryWarnMs} />
                </span>
              )}
            </>
          ) : (
            <Badge tone="bad">{node.database.problem ?? "Unreachable"}</Badge>
          )}
        </Fact>
        <Fact name="Drops">
          {drops.length === 0
            ? "none"
            : drops.map(([kind, dropped]) => `${kind}: ${number(dropped)}`).join(", ")}
        </Fact>
      </dl>
    </Panel>
  );
}

/** The transports in use, with their connections. */
function transportsOf({ connectionsByTransport }: Node): string {
  return Object.entries(transportWords)
    .map(([transport, words]) => ({
      words,
      count: connectionsByTransport[transport as keyof typeof transportWords],
    }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${number(count)} ${words}`)
    .join(", ");
}

const goneColumns: readonly Column<Node>[] = [
  { name: "Node", inCard: "title", cell: ({ name }) => name },
  { name: "State", cell: (node) => <State of={node} /> },
  { name: "Last seen", cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
  { name: "Version", cell: ({ version }) => version },
  { name: "Uptime", isNumber: true, cell: ({ uptimeMs }) => duration(uptimeMs) },
  { name: "Last connections", isNumber: true, cell: ({ connectionCount }) => number(connectionCount) },
  { name: "ID", className: "font-mono text-xs wrap-anywhere text-faint", cell: ({ id }) => id },
];

function State({ of: { state } }: { readonly of: Node }) {
  const { tone, words } = states[state];
  return <Badge tone={tone}>{words}</Badge>;
}

function Milliseconds({ value, warnAt }: { readonly value: number; readonly warnAt: number }) {
  return <span className={value > warnAt ? "text-warn" : ""}>{milliseconds(value)}</span>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-faint">{name}</dt>
      <dd className="text-base font-medium tabular-nums">{children}</dd>
    </div>
  );
}
