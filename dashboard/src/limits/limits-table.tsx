/** The usage of each limit, highest share first. */
import type { LimitUse } from "@soketify/admin";
import { useState } from "react";
import { isNear, shareOf } from "../../../server/src/core/limits/limit-use.ts";
import { percent } from "../ui/numbers.ts";
import { ShowAll } from "../ui/show-all.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { limitAmount, limitTitle } from "./limit-words.ts";

const shownMax = 6;

export function LimitsTable({ limits }: { readonly limits: readonly LimitUse[] }) {
  const [isAll, setIsAll] = useState(false);
  const sorted = limits.toSorted((one, other) => shareOf(other) - shareOf(one));
  const hasNodes = limits.some(({ node }) => node !== null);
  return (
    <>
      <Table
        label="Limits"
        columns={hasNodes ? [...columns, nodeColumn] : columns}
        rows={isAll ? sorted : sorted.slice(0, shownMax)}
        keyOf={({ limit, pattern = "", node }) => `${limit} ${pattern} ${node?.id ?? ""}`}
      />
      {sorted.length > shownMax && (
        <ShowAll total={sorted.length} noun="limits" isAll={isAll} onChange={setIsAll} />
      )}
    </>
  );
}

const columns: readonly Column<LimitUse>[] = [
  {
    name: "Limit",
    inCard: "title",
    cell: ({ limit, pattern }) => (
      <>
        <span title={limit}>{limitTitle(limit)}</span>
        {pattern !== undefined && (
          <span className="ml-1.5 text-xs wrap-anywhere text-faint">
            in <code>{pattern}</code>
          </span>
        )}
      </>
    ),
  },
  { name: "Used", isNumber: true, cell: (use) => limitAmount(use.limit, use.used) },
  {
    name: "Max",
    isNumber: true,
    cell: ({ limit, max }) => (max === 0 ? "no limit" : limitAmount(limit, max)),
  },
  { name: "Share", isNumber: true, cell: (use) => (use.max === 0 ? "–" : <Share of={use} />) },
  {
    name: "Peak",
    isNumber: true,
    cell: ({ limit, peak, peakOver }) =>
      peak === null ? (
        "–"
      ) : (
        <>
          {limitAmount(limit, peak)}{" "}
          <span className="text-xs text-faint">{peakOver === "48h" ? "in 48 h" : "since start"}</span>
        </>
      ),
  },
];

const nodeColumn: Column<LimitUse> = {
  name: "Node",
  cell: ({ node }) => node?.name ?? <span className="text-faint">all</span>,
};

function Share({ of }: { readonly of: LimitUse }) {
  const share = shareOf(of);
  const tone = share >= 1 ? "bg-bad" : isNear(of) ? "bg-warn" : "bg-accent";
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden="true" className="hidden h-1.5 w-16 overflow-hidden rounded-full bg-raised sm:block">
        <span
          className={`block h-full rounded-full ${tone}`}
          style={{ width: `${Math.min(100, share * 100)}%` }}
        />
      </span>
      <span className={`min-w-10 ${share >= 1 ? "text-bad" : isNear(of) ? "text-warn" : ""}`}>
        {percent(share)}
      </span>
    </span>
  );
}
