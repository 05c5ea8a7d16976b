/** The audit log, and the verification of its hash chain. */
import type { AuditEntry } from "@soketify/admin";
import { useDeferredValue, useState } from "react";
import { admin } from "../api/client.ts";
import { useGet } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { useAppNames } from "../apps/app-names.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button, buttonClass } from "../ui/button.tsx";
import { exactly } from "../ui/clock.ts";
import { Icon } from "../ui/icon.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { TimePicker } from "../ui/time-picker.tsx";
import { periodOf, useTimeRange } from "../ui/time-range.ts";
import { useUrlText } from "../ui/use-url-text.ts";
import { Change } from "./audit-change.tsx";
import { Target } from "./audit-target.tsx";

const entriesOf = (page: { readonly entries: readonly AuditEntry[] }) => page.entries;

export default function AuditPage() {
  const [search, setSearch] = useUrlText("search");
  const [actor, setActor] = useUrlText("actor");
  const wanted = useDeferredValue(search.trim());
  const filter = { ...(wanted !== "" && { search: wanted }), ...(actor !== "" && { actor }) };
  const period = periodOf(useTimeRange()) ?? {};
  const entries = useList("GET /audit", { query: { ...filter, ...period, limit: 100 } }, entriesOf);
  const nameOf = useAppNames([...new Set(entries.rows.flatMap(({ appId }) => appId ?? []))]);
  return (
    <Page
      title="Audit log"
      isWide
      lead="Append-only. Each entry contains the hash of the previous entry."
      actions={
        <>
          <TimePicker first={null} />
          <VerifyButton />
          <a href={admin.url("GET /audit/export", {})} download="audit.jsonl" className={buttonClass()}>
            Export
          </a>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-2">
        <SearchField label="Search, for example rotate" value={search} onChange={setSearch} />
        {actor !== "" && (
          <Button aria-label={`Show all actors, not only ${actor}`} onClick={() => setActor("")}>
            Only {actor} <Icon name="close" />
          </Button>
        )}
      </div>
      <Panel isFlush>
        <Loaded of={entries.query} rows={10}>
          {() =>
            entries.rows.length === 0 ? (
              <Empty title="No entry matches" />
            ) : (
              <>
                <Table
                  label="Audit log"
                  columns={columnsFor(nameOf, setActor)}
                  rows={entries.rows}
                  keyOf={({ sequence }) => sequence}
                />
                <ListEnd list={entries} noun="entry" many="entries" />
              </>
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

function VerifyButton() {
  const [isAsked, setIsAsked] = useState(false);
  const verify = useGet("GET /audit/verify", {}, { isEnabled: isAsked });
  if (verify.error !== null) return <Failure error={verify.error} />;
  if (verify.data !== undefined)
    return (
      <span role="status" className="self-center">
        {verify.data.isIntact ? (
          <Badge tone="good">Intact: {number(verify.data.entriesChecked)} entries</Badge>
        ) : (
          <Badge tone="bad">
            Broken at {verify.data.broken?.sequence}: {verify.data.broken?.why}
          </Badge>
        )}
      </span>
    );
  return (
    <Button isBusy={verify.isFetching} onClick={() => setIsAsked(true)}>
      Verify
    </Button>
  );
}

/** A token's name may look like an e-mail address, so each other kind of actor is named. */
const kindWords: Readonly<Record<Exclude<AuditEntry["actorKind"], "person" | null>, string>> = {
  token: "token",
  adminToken: "token",
  cli: "CLI",
  server: "server",
  anonymous: "unknown",
};

function columnsFor(
  nameOf: (appId: string) => string,
  onActor: (actor: string) => void,
): readonly Column<AuditEntry>[] {
  return [
    {
      name: "When",
      inCard: "line",
      className: "whitespace-nowrap tabular-nums",
      cell: ({ at }) => <time dateTime={at}>{exactly(at)}</time>,
    },
    {
      name: "Actor",
      inCard: "line",
      className: "max-w-52",
      cell: ({ actor, actorKind }) => (
        <span className="flex items-baseline gap-1">
          {actorKind !== null && actorKind !== "person" && (
            <span className="shrink-0 text-faint">{kindWords[actorKind]}</span>
          )}
          <button
            type="button"
            title={`Show only ${actor}`}
            className="min-w-0 truncate text-link hover:underline"
            onClick={() => onActor(actor)}
          >
            {actor}
          </button>
        </span>
      ),
    },
    {
      name: "Address",
      inCard: "line",
      className: "max-w-36 truncate font-mono text-xs text-soft",
      cell: ({ address }) => <span title={address ?? ""}>{address ?? "–"}</span>,
    },
    {
      name: "Action",
      inCard: "title",
      className: "whitespace-nowrap",
      cell: ({ action }) => <Badge>{action}</Badge>,
    },
    {
      name: "Target",
      inCard: "line",
      className: "max-w-56 truncate",
      cell: (entry) => <Target entry={entry} nameOf={nameOf} />,
    },
    {
      name: "Change",
      inCard: "line",
      // The remaining width.
      className: "w-full",
      cell: ({ before, after }) => <Change before={before} after={after} />,
    },
  ];
}
