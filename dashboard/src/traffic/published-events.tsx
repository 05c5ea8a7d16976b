/** The events that the server still has: when they were published, by whom, and to how many connections they were sent. */
import type { Outcome, Published } from "@soketify/admin";
import { useDeferredValue } from "react";
import { useList } from "../api/use-list.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { exactly } from "../ui/clock.ts";
import { ListEnd } from "../ui/list-end.tsx";
import { number } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useUrlText } from "../ui/use-url-text.ts";
import { ClockTime } from "../ui/when.tsx";

const askedEveryMs = 2_000;
const publishedOf = (page: { readonly published: readonly Published[] }) => page.published;

const outcomes: { readonly [Each in Outcome]: { readonly words: string; readonly tone: Tone } } = {
  sent: { words: "Sent", tone: "good" },
  missed: { words: "Not sent: Redis was unreachable", tone: "bad" },
  excluded: { words: "Excluded by the sender", tone: "warn" },
  not_in_channel: { words: "Not subscribed at that time", tone: "warn" },
  not_connected: { words: "Not connected at that time", tone: "warn" },
  unknown: { words: "Unknown: no records left", tone: "plain" },
};

interface EventsProps {
  readonly appId: string;
  /** Only events of this user's channels, with the outcome for the user; null: all events. */
  readonly userId: string | null;
}

export function PublishedEvents({ appId, userId }: EventsProps) {
  const [event, setEvent] = useUrlText("event");
  const wanted = useDeferredValue(event.trim());
  const list = useList(
    "GET /apps/{appId}/published",
    {
      path: { appId },
      query: { limit: 100, ...(userId !== null && { userId }), ...(wanted !== "" && { event: wanted }) },
    },
    publishedOf,
    { everyMs: askedEveryMs },
  );
  const title = userId === null ? "Published events" : "Events of the user's channels";
  const since = list.firstPage === undefined ? "" : exactly(list.firstPage.rememberedSince);
  return (
    <>
      <SearchField label="Name of an event" value={event} onChange={setEvent} />
      <Panel title={title} isFlush>
        <Loaded of={list.query}>
          {() =>
            list.rows.length === 0 ? (
              <Empty title="No event to show">
                {list.firstPage?.isOn === false
                  ? "The server stores no published events: publishLogMax is 0."
                  : `None since ${since}.`}
              </Empty>
            ) : (
              <>
                <Table
                  label={title}
                  columns={columnsFor(list.rows, userId)}
                  rows={list.rows}
                  keyOf={({ id }) => id}
                />
                <ListEnd list={list} noun="event" whole={`: complete since ${since}`} />
              </>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function columnsFor(rows: readonly Published[], userId: string | null): readonly Column<Published>[] {
  const hasNodes = rows.some(({ node }) => node !== null);
  return eventColumns.filter(
    (column) => (column !== ofUser || userId !== null) && (column !== ofNode || hasNodes),
  );
}

const ofUser: Column<Published> = {
  name: "To this user",
  cell: (published) => <SentToUser of={published} />,
};
/** The node that received the event from its sender. */
const ofNode: Column<Published> = {
  name: "Node",
  className: "whitespace-nowrap text-soft",
  cell: ({ node }) => node?.name ?? "",
};
const eventColumns: readonly Column<Published>[] = [
  { name: "Event", inCard: "title", cell: ({ event }) => <span className="font-medium">{event}</span> },
  ofUser,
  { name: "When", className: "whitespace-nowrap tabular-nums", cell: ({ at }) => <ClockTime at={at} /> },
  {
    name: "Channel",
    className: "font-mono wrap-anywhere",
    inCard: "line",
    cell: ({ channels }) => channels.join(", "),
  },
  {
    name: "Delivered to",
    isNumber: true,
    cell: ({ recipients }) => (recipients === null ? "unknown" : number(recipients)),
  },
  {
    name: "From",
    inCard: "line",
    className: "break-words text-soft",
    cell: (published) => senderText(published),
  },
  ofNode,
];

function SentToUser({ of: { forUser } }: { readonly of: Published }) {
  if (forUser === null) return null;
  const { words, tone } = outcomes[forUser.outcome];
  return (
    <span className="flex flex-wrap items-baseline gap-1.5">
      <Badge tone={tone}>{words}</Badge>
      <span className="font-mono text-xs text-soft">{forUser.sentTo.join(", ")}</span>
    </span>
  );
}

function senderText({ sender: { address, sdk }, socketId, userId }: Published): string {
  const client = socketId === null ? null : userId === null ? `connection ${socketId}` : `user ${userId}`;
  return [client, sdk, address].filter((part) => part !== null && part !== "").join(" · ");
}
