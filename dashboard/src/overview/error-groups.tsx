/** The app's errors of the last seven days, grouped by cause. A group opens to its newest errors. */
import type { ErrorGroup } from "@soketify/admin";
import { useId, useState } from "react";
import { useLiveGet } from "../api/use-live-get.ts";
import { ConnectionDialog } from "../connections/connection-dialog.tsx";
import { lookOf } from "../console/live-row.ts";
import { Badge } from "../ui/badge.tsx";
import { Sparkline } from "../ui/charts/sparkline.tsx";
import { exactly } from "../ui/clock.ts";
import { HelpPage } from "../ui/help-page.tsx";
import { Icon } from "../ui/icon.tsx";
import { exactNumber, number, plural } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { ShowAll } from "../ui/show-all.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { periodWords } from "../ui/time-picker.tsx";
import type { Period } from "../ui/time-range.ts";
import { Unanswered } from "../ui/unanswered.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { ClockTime, When } from "../ui/when.tsx";
import { adviceOf, helpOn } from "./error-advice.ts";

/** The live entries that change errors. Successful API requests are excluded, because they are frequent. */
export const errorTypes = { type: "message_refused,handshake_refused,api_request_refused" };
const shownMax = 8;

export function ErrorGroups({
  appId,
  period,
}: {
  readonly appId: string;
  /** Only groups with errors in this range; null: all groups. */
  readonly period: Period | null;
}) {
  const answer = useLiveGet("GET /apps/{appId}/error-groups", { path: { appId } }, errorTypes);
  const [isAll, setIsAll] = useState(false);
  const { opened, open, close } = useOpened("socket");
  return (
    <Panel
      title="Errors"
      lead={`Grouped by cause, ${period === null ? "for seven days" : periodWords(period)}. Open a group to see its newest errors.`}
      isFlush
    >
      <Loaded of={answer}>
        {({ groups: all, unanswered }) => {
          const groups = all.filter((group) => isWithin(group, period));
          return (
            <>
              <Unanswered nodes={unanswered} />
              {groups.length === 0 ? (
                <Empty title="No errors">
                  None in {period === null ? "the last seven days" : "this time"}. New errors appear here.
                </Empty>
              ) : (
                <ul className="divide-y divide-line text-[13px]">
                  {(isAll ? groups : groups.slice(0, shownMax)).map((group) => (
                    <Group key={group.id} group={group} onOpen={open} />
                  ))}
                </ul>
              )}
              {groups.length > shownMax && (
                <ShowAll total={groups.length} isAll={isAll} onChange={setIsAll} />
              )}
            </>
          );
        }}
      </Loaded>
      <ConnectionDialog appId={appId} socketId={opened} onClose={close} />
    </Panel>
  );
}

function isWithin({ firstAt, lastAt }: ErrorGroup, period: Period | null): boolean {
  return period === null || (firstAt <= period.to && lastAt >= period.from);
}

interface GroupProps {
  readonly group: ErrorGroup;
  readonly onOpen: (socketId: string) => void;
}

function Group({ group, onOpen }: GroupProps) {
  const [isOpen, setIsOpen] = useState(false);
  const detailId = useId();
  const { label, tone } = lookOf(group);
  const inDay = group.lastHours.reduce((sum, errors) => sum + errors, 0);
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={detailId}
        onClick={() => setIsOpen(!isOpen)}
        className="grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-1 px-4 py-2.5 text-left hover:bg-raised"
      >
        <Icon name="down" className={`mt-0.5 text-faint ${isOpen ? "" : "-rotate-90"}`} />
        <span className="grid min-w-0 gap-0.5">
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2 gap-y-0.5">
            <Badge tone={tone}>{label}</Badge>
            <span className="min-w-0 break-words">{titleOf(group)}</span>
          </span>
          <span className="text-xs text-soft">
            {adviceOf(group)} <HelpPage path={helpOn(group)} />
          </span>
          <span className="text-xs text-faint">
            {affectedWords(group)} · last <When at={group.lastAt} /> · first {exactly(group.firstAt)}
          </span>
        </span>
        <span className="grid justify-items-end gap-1">
          <span className="font-medium tabular-nums">{number(group.errors)} ×</span>
          <span className="hidden sm:block">
            <Sparkline
              values={group.lastHours}
              tone="bad"
              label={`${plural(inDay, "error")} in the last 24 hours, by hour`}
            />
          </span>
        </span>
      </button>
      <div id={detailId} hidden={!isOpen}>
        {isOpen && <Newest group={group} onOpen={onOpen} />}
      </div>
    </li>
  );
}

function Newest({ group, onOpen }: GroupProps) {
  return (
    <ul aria-label="Newest errors" className="grid gap-2 px-4 pb-3 pl-11 text-xs">
      {group.newest.map(({ id, at, reason, channel, socketId, address, sdk, errors }) => (
        <li key={id} className="flex min-w-0 flex-wrap gap-x-3">
          <ClockTime at={at} className="text-faint tabular-nums" />
          <span className="min-w-0 break-words">
            {[channel, reason, errors > 1 ? `${exactNumber(errors)} requests` : null]
              .filter(Boolean)
              .join(" · ")}
          </span>
          <span className="font-mono text-soft">{[address, sdk].filter(Boolean).join(" · ")}</span>
          {socketId !== null && (
            <button
              type="button"
              className="font-mono text-link hover:underline"
              aria-label={`Timeline of connection ${socketId}`}
              onClick={() => onOpen(socketId)}
            >
              {socketId}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** With the exact reason of the newest error. */
function titleOf({ code, route, channelPattern, reasonPattern, sdk, newest }: ErrorGroup): string {
  const reason = newest[0]?.reason ?? reasonPattern;
  const what = route === null ? [code, channelPattern, reason] : [`${route} failed with ${code}: ${reason}`];
  return [...what, sdk].filter((part) => part !== null).join(" · ");
}

function affectedWords({ sockets, addresses }: ErrorGroup): string {
  const amount = ({ count, isAtLeast }: ErrorGroup["sockets"], one: string, many: string) =>
    count === 0 ? null : isAtLeast ? `${count} or more ${many}` : plural(count, one, many);
  const one = addresses.count === 1 && !addresses.isAtLeast ? addresses.some[0] : undefined;
  const parts = [
    amount(sockets, "connection", "connections"),
    one ?? amount(addresses, "address", "addresses"),
  ];
  return parts.filter((part) => part !== null).join(" · ");
}
