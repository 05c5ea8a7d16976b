/** Occupied channels, and one of them in full. */
import { useDeferredValue, useState } from "react";
import type { ChannelSummary } from "../../../server/src/admin-api/channel-contract.ts";
import { type List, useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { LongCell, LongTable } from "../ui/long-table.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { ChannelPanel } from "./channel-panel.tsx";

const askedEveryMs = 2_000;
const channelsOf = (page: { readonly channels: readonly ChannelSummary[] }) => page.channels;

export default function ChannelsPage({ appId }: { readonly appId: string }) {
  const [prefix, setPrefix] = useState("");
  const [opened, setOpened] = useState<string | null>(null);
  const channels = useList(
    "GET /apps/{appId}/channels",
    { path: { appId }, query: { prefix: useDeferredValue(prefix.trim()), limit: 200 } },
    channelsOf,
    { everyMs: askedEveryMs },
  );
  return (
    <Page title="Channels" lead="Channels that have a subscriber now">
      <SearchField label="Name begins with…" value={prefix} onChange={setPrefix} />
      <div className={`grid items-start gap-5 ${opened === null ? "" : "lg:grid-cols-2"}`}>
        <Panel isFlush>
          <Loaded of={channels.query}>
            {() =>
              channels.rows.length === 0 ? (
                <Empty title={prefix === "" ? "No channel is occupied" : "No occupied channel begins so"}>
                  A channel appears when its first client subscribes.
                </Empty>
              ) : (
                <ChannelTable channels={channels} opened={opened} onOpen={setOpened} />
              )
            }
          </Loaded>
        </Panel>
        {opened !== null && <ChannelPanel appId={appId} channel={opened} onClose={() => setOpened(null)} />}
      </div>
    </Page>
  );
}

const columns = [
  { name: "Channel" },
  { name: "Type", className: "w-40" },
  { name: "Subscriptions", className: "w-32" },
  { name: "Users", className: "w-24" },
];

function ChannelTable({
  channels,
  opened,
  onOpen,
}: {
  readonly channels: List<ChannelSummary>;
  readonly opened: string | null;
  readonly onOpen: (name: string) => void;
}) {
  return (
    <LongTable
      label="Channels"
      noun="channel"
      columns={columns}
      list={channels}
      keyOf={({ name }) => name}
      rowClass={({ name }) => (name === opened ? "bg-accent-wash" : "hover:bg-raised/50")}
    >
      {({ name, type, isCache, subscriptionCount, userCount }) => (
        <>
          <LongCell>
            <button
              type="button"
              title={name}
              onClick={() => onOpen(name)}
              className="block max-w-full truncate font-mono hover:underline"
            >
              {name}
            </button>
          </LongCell>
          <LongCell>
            <span className="flex gap-1">
              <Badge tone={type === "presence" ? "accent" : "plain"}>{type}</Badge>
              {isCache && <Badge>cache</Badge>}
            </span>
          </LongCell>
          <LongCell className="tabular-nums">{number(subscriptionCount)}</LongCell>
          <LongCell className="tabular-nums">{userCount === null ? "–" : number(userCount)}</LongCell>
        </>
      )}
    </LongTable>
  );
}
