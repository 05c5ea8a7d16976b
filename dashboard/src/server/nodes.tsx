/** The health of each node. */
import type { ReactNode } from "react";
import type { Node } from "../../../server/src/admin-api/contracts/server.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { bytes, duration, number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";

const askedEveryMs = 2_000;
const lagWarnMs = 50;

export default function NodesPage() {
  const nodes = useGet("GET /nodes", {}, { everyMs: askedEveryMs });
  return (
    <Page title="Health" lead="The current state of each node.">
      <Loaded of={nodes}>
        {(answer) =>
          answer.nodes.length === 0 ? (
            <Empty title="No node answered" />
          ) : (
            answer.nodes.map((node) => <NodePanel key={node.id} node={node} />)
          )
        }
      </Loaded>
    </Page>
  );
}

function NodePanel({ node }: { readonly node: Node }) {
  const drops = Object.entries(node.drops).filter(([, dropped]) => dropped > 0);
  return (
    <Panel
      title={node.hostname}
      lead={
        <>
          Version {node.version}, up {duration(node.uptimeMs)}
          <span className="block font-mono text-xs break-all text-faint">{node.id}</span>
        </>
      }
      actions={node.isDraining ? <Badge tone="warn">Draining</Badge> : <Badge tone="good">Serving</Badge>}
    >
      <dl className="grid grid-cols-2 gap-4 text-[13px] sm:grid-cols-3 lg:grid-cols-6">
        <Fact name="Connections">{number(node.connectionCount)}</Fact>
        <Fact name="Memory">{bytes(node.residentBytes)}</Fact>
        <Fact name="Heap">{bytes(node.heapUsedBytes)}</Fact>
        <Fact name="Event-loop lag">
          <span className={node.eventLoopLagMs > lagWarnMs ? "text-warn" : ""}>
            {node.eventLoopLagMs.toFixed(1)} ms
          </span>
        </Fact>
        <Fact name={`Database (${node.database.kind})`}>
          {node.database.isReachable ? (
            <Badge tone="good">Reachable</Badge>
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

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-faint">{name}</dt>
      <dd className="text-base font-medium tabular-nums">{children}</dd>
    </div>
  );
}
