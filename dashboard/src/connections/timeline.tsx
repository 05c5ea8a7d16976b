/** The activity of one connection in order, with a note if older entries are no longer stored. */
import type { Timeline as TimelineAnswer } from "@soketify/admin";
import { type ReactNode, useState } from "react";
import { lookOf, originOf, recoveryWords, sdkOf } from "../console/live-row.ts";
import { ErrorWords } from "../overview/error-words.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { exactly } from "../ui/clock.ts";
import { number } from "../ui/numbers.ts";
import { ClockTime } from "../ui/when.tsx";
import { codeWords } from "./code-words.ts";

type Entry =
  | TimelineAnswer["opened"]
  | TimelineAnswer["steps"][number]
  | NonNullable<TimelineAnswer["closed"]>;

const shownMax = 100;

export function Timeline({ timeline }: { readonly timeline: TimelineAnswer }) {
  const { opened, steps, closed, isWhole, rememberedSince } = timeline;
  const [isAll, setIsAll] = useState(false);
  const shown = isAll ? steps : steps.slice(-shownMax);
  return (
    <section className="grid gap-2">
      <h3 className="text-xs font-medium text-faint">Timeline</h3>
      <ol className="grid">
        <Row entry={opened} />
        {!isWhole && (
          <TimelineNote>Activity before {exactly(rememberedSince)} is no longer stored.</TimelineNote>
        )}
        {shown.length < steps.length && (
          <TimelineNote>
            <Button onClick={() => setIsAll(true)}>
              Show {number(steps.length - shown.length)} earlier entries
            </Button>
          </TimelineNote>
        )}
        {shown.map((step) => (
          <Row key={step.id} entry={step} />
        ))}
        {closed === null ? (
          <TimelineNote>The connection is open. New activity appears here.</TimelineNote>
        ) : (
          <Row entry={closed} />
        )}
      </ol>
    </section>
  );
}

function Row({ entry }: { readonly entry: Entry }) {
  const { label, tone } = lookOf(entry);
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 border-l-2 border-line py-1 pl-3 sm:grid-cols-[auto_6.5rem_minmax(0,1fr)]">
      <ClockTime at={entry.at} className="font-mono text-xs text-faint" />
      <span>
        <Badge tone={tone}>{label}</Badge>
      </span>
      <span className="col-span-2 min-w-0 break-words text-soft sm:col-span-1">
        <Words entry={entry} />
      </span>
    </li>
  );
}

function TimelineNote({ children }: { readonly children: ReactNode }) {
  return <li className="border-l-2 border-dashed border-line py-1.5 pl-3 text-xs text-faint">{children}</li>;
}

function Words({ entry }: { readonly entry: Entry }): ReactNode {
  switch (entry.type) {
    case "connection_opened":
      return [sdkOf(entry), `from ${entry.address}`, originOf(entry)].filter(Boolean).join(" · ");
    case "subscribed":
    case "unsubscribed":
      return entry.userId === null ? entry.channel : `${entry.channel} as ${entry.userId}`;
    case "recovered":
    case "recovery_refused":
      return `${recoveryWords(entry)} · ${entry.channel}`;
    case "signed_in":
      return `as ${entry.userId}`;
    case "message_refused":
      return <ErrorWords {...entry} />;
    case "connection_closed":
      return `${entry.code} · ${codeWords(entry.code).title}`;
    default:
      throw entry satisfies never;
  }
}
