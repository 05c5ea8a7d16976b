/** Who did what, and proof that nobody rewrote it. */
import { useDeferredValue, useState } from "react";
import type { AuditEntry } from "../../../server/src/admin-api/contract.ts";
import { apiUrl } from "../api/client.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, buttonClass } from "../ui/button.tsx";
import { inputClass } from "../ui/field.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { When } from "../ui/when.tsx";

export default function AuditPage() {
  const [action, setAction] = useState("");
  const [actor, setActor] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const filter = useDeferredValue({
    ...(action === "" ? {} : { action }),
    ...(actor === "" ? {} : { actor }),
  });
  const entries = useGet("GET /audit", {
    query: { ...filter, limit: 50, ...(cursor === undefined ? {} : { cursor }) },
  });
  const filterBy = (set: (text: string) => void) => (text: string) => {
    set(text.trim());
    setCursors([]);
  };
  return (
    <Page
      title="Audit log"
      lead="Append-only; each entry holds the hash of the one before."
      actions={
        <>
          <VerifyButton />
          <a href={apiUrl("/audit/export").href} download="audit.jsonl" className={buttonClass()}>
            Export
          </a>
        </>
      }
    >
      <div className="flex flex-wrap gap-2">
        <Filter label="Action, such as secret.rotate" value={action} onChange={filterBy(setAction)} />
        <Filter label="Who" value={actor} onChange={filterBy(setActor)} />
      </div>
      <Panel isFlush>
        <Loaded of={entries} rows={10}>
          {(page) => (
            <>
              {page.entries.length === 0 ? (
                <Empty title="No entry matches" />
              ) : (
                <EntryTable entries={page.entries} />
              )}
              <div className="flex gap-2 border-t border-line px-4 py-2">
                <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                  Newer
                </Button>
                <Button
                  disabled={page.nextCursor === null}
                  onClick={() => setCursors([...cursors, page.nextCursor ?? ""])}
                >
                  Older
                </Button>
              </div>
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Filter({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={`${inputClass} bg-panel sm:w-60`}
    />
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

function EntryTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table label="Audit log" columns={["When", "Who", "Action", "Target", "Change"]}>
      {entries.map((entry) => (
        <tr key={entry.sequence} className="align-top">
          <Cell className="whitespace-nowrap">
            <When at={entry.at} />
          </Cell>
          <Cell>
            {entry.actor}
            {entry.address !== null && <span className="block text-xs text-faint">{entry.address}</span>}
          </Cell>
          <Cell>
            <Badge>{entry.action}</Badge>
          </Cell>
          <Cell className="break-all">{entry.target}</Cell>
          <Cell className="max-w-96">
            <Change before={entry.before} after={entry.after} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  if ((before ?? null) === null && (after ?? null) === null) return <span className="text-faint">–</span>;
  return (
    <details>
      <summary className="text-soft">Before and after</summary>
      <pre className="mt-1 font-mono text-xs break-all whitespace-pre-wrap">
        {JSON.stringify(before)}
        {"\n→ "}
        {JSON.stringify(after)}
      </pre>
    </details>
  );
}
