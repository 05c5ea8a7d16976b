/** The largest channels and senders of an app, now and over the last hour. */
import type { Traffic, TrafficAmount } from "@soketify/admin";
import { Link } from "wouter";
import { useGet } from "../api/use-api.ts";
import { exactly } from "../ui/clock.ts";
import { exactNumber } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { useSort } from "../ui/sort.tsx";
import { SpanButtons } from "../ui/span-buttons.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { useUrlText } from "../ui/use-url-text.ts";
import { PublishedEvents } from "./published-events.tsx";
import { everyMs, outOf, rate } from "./rates.ts";

type Channel = Traffic["channels"][number];
type Sender = Traffic["senders"][number];

const spans = { live: "Now", hour: "Last hour" } as const;
type Span = keyof typeof spans;

export default function TrafficPage({ appId }: { readonly appId: string }) {
  const [chosen, choose] = useUrlText("span", "live");
  const span: Span = chosen === "hour" ? "hour" : "live";
  const traffic = useGet("GET /apps/{appId}/traffic", { path: { appId }, query: { span } }, { everyMs });
  return (
    <Page
      title="Traffic"
      lead="The largest channels and senders. In: published events. Out: messages sent to connections."
      actions={<SpanButtons labels={spans} span={span} onSpan={choose} />}
    >
      <Unanswered nodes={traffic.data?.unanswered} />
      <Loaded of={traffic}>
        {({ channels, senders, otherChannels, otherSenders, since }) => (
          <>
            <Panel title="Channels" lead={`Since ${exactly(since)}`} isFlush>
              <Channels appId={appId} rows={channels} />
              <Others of={otherChannels} noun="channels" />
            </Panel>
            <Panel title="Senders" lead="Backends, and clients that send client events" isFlush>
              <Senders rows={senders} />
              <Others of={otherSenders} noun="senders" />
            </Panel>
          </>
        )}
      </Loaded>
      <PublishedEvents appId={appId} userId={null} />
    </Page>
  );
}

function Channels({ appId, rows }: { readonly appId: string; readonly rows: readonly Channel[] }) {
  const columns = channelColumns(appId);
  const sorted = useSort("channels", columns, rows, "Out / s");
  if (rows.length === 0) return <Nothing />;
  return <Table label="Channels" columns={columns} {...sorted} keyOf={({ channel }) => channel} />;
}

function Senders({ rows }: { readonly rows: readonly Sender[] }) {
  const sorted = useSort("senders", senderColumns, rows, "In / s");
  if (rows.length === 0) return <Nothing />;
  return (
    <Table
      label="Senders"
      columns={senderColumns}
      {...sorted}
      keyOf={({ sender: { address, sdk } }) => `${address} ${sdk}`}
    />
  );
}

function Nothing() {
  return <Empty title="Nothing was published">Events appear here within seconds.</Empty>;
}

function Others({ of: amount, noun }: { readonly of: TrafficAmount; readonly noun: string }) {
  if (amount.in + amount.out === 0) return null;
  return (
    <p className="border-t border-line px-4 py-2.5 text-[13px] text-soft">
      All other {noun}: {rate(amount.inPerSecond)} in and {rate(amount.outPerSecond)} out per second.
    </p>
  );
}

const amountColumns: readonly Column<TrafficAmount>[] = [
  {
    name: "In / s",
    isNumber: true,
    cell: ({ inPerSecond }) => rate(inPerSecond),
    sortOf: ({ inPerSecond }) => inPerSecond,
  },
  {
    name: "Out / s",
    isNumber: true,
    cell: (amount) => outOf(amount, rate(amount.outPerSecond)),
    sortOf: ({ outPerSecond }) => outPerSecond,
  },
  { name: "In", isNumber: true, cell: (amount) => exactNumber(amount.in), sortOf: (amount) => amount.in },
  {
    name: "Out",
    isNumber: true,
    cell: (amount) => outOf(amount, exactNumber(amount.out)),
    sortOf: (amount) => amount.out,
  },
];

function channelColumns(appId: string): readonly Column<Channel>[] {
  return [
    {
      name: "Channel",
      inCard: "title",
      className: "font-mono wrap-anywhere",
      cell: ({ channel }) => (
        <Link
          to={`/apps/${appId}/channels?${new URLSearchParams({ channel })}`}
          className="text-link hover:underline"
        >
          {channel}
        </Link>
      ),
      sortOf: ({ channel }) => channel,
    },
    ...amountColumns,
  ];
}

const senderColumns: readonly Column<Sender>[] = [
  {
    name: "Address",
    inCard: "title",
    className: "font-mono wrap-anywhere",
    cell: ({ sender: { address } }) => address || "unknown",
    sortOf: ({ sender: { address } }) => address,
  },
  {
    name: "SDK",
    className: "break-words",
    cell: ({ sender: { sdk } }) => sdk ?? "unknown",
    sortOf: ({ sender: { sdk } }) => sdk ?? "",
  },
  ...amountColumns,
];
