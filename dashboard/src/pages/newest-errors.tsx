import { useMemo, useSyncExternalStore } from "react";
import { LiveLog } from "../api/live-log.ts";
import { Panel } from "../ui/page.tsx";
import { Empty } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";
import { wordsOf } from "./live-row.ts";

const shownMax = 8;
const errorTypes = { type: "message_refused,handshake_refused" };

export function NewestErrors({ appId }: { readonly appId: string }) {
  const log = useMemo(() => new LiveLog(appId, errorTypes), [appId]);
  const { rows } = useSyncExternalStore(log.subscribe, log.snapshot);
  const entries = rows
    .flatMap((row) => (row.kind === "entry" ? [row.entry] : []))
    .slice(-shownMax)
    .reverse();
  return (
    <Panel title="Newest errors" lead="Refused handshakes and messages since this page was opened" isFlush>
      {entries.length === 0 ? (
        <Empty title="No errors">They appear here the moment they happen.</Empty>
      ) : (
        <ul className="divide-y divide-line text-[13px]">
          {entries.map((entry) => (
            <li key={entry.id} className="flex gap-3 px-4 py-2">
              <span className="min-w-0 flex-1 font-mono text-xs break-words text-bad">{wordsOf(entry)}</span>
              <span className="text-faint">
                <When at={entry.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
