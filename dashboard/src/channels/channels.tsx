/** Occupied channels, and the details of one. */
import type { ChannelSummary } from "@soketify/admin";
import { useDeferredValue } from "react";
import { useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { LongTable } from "../ui/long-table.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { useUrlText } from "../ui/use-url-text.ts";
import { useIsWide } from "../ui/window-width.ts";
import { ChannelDetails, ChannelPanel } from "./channel-panel.tsx";

const askedEveryMs = 2_000;
const channelsOf = (page: { readonly channels: readonly ChannelSummary[] }) => page.channels;

export default function ChannelsPage({ appId }: { readonly appId: string }) {
  const [prefix, setPrefix] = useUrlText("prefix");
  const { opened, close } = useOpened("channel");
  const isWide = useIsWide();
  const channels = useList(
    "GET /apps/{appId}/channels",
    { path: { appId }, query: { prefix: useDeferredValue(prefix.trim()), limit: 200 } },
    channelsOf,
    { everyMs: askedEveryMs },
  );
  return (
    <Page title="Channels" lead="Channels with at least one subscriber.">
      <SearchField label="Name begins with…" value={prefix} onChange={setPrefix} />
      <div className={`grid items-start gap-5 ${opened === null ? "" : "lg:grid-cols-2"}`}>
        <Panel isFlush>
          <Loaded of={channels.query}>
            {() =>
              channels.rows.length === 0 ? (
                <Empty title={prefix === "" ? "No channel is occupied" : "No occupied channel matches"}>
                  A channel appears when its first client subscribes.
                </Empty>
              ) : (
                <LongTable
                  label="Channels"
                  noun="channel"
                  columns={columns}
                  list={channels}
                  keyOf={({ name }) => name}
                  rowClass={({ name }) => (name === opened ? "bg-accent-wash" : "hover:bg-raised/50")}
                />
              )
            }
          </Loaded>
        </Panel>
        {opened !== null && isWide && (
          <ChannelPanel key={opened} appId={appId} channel={opened} onClose={close} />
        )}
      </div>
      <Dialog title={opened ?? ""} isOpen={opened !== null && !isWide} onClose={close}>
        {opened !== null && <ChannelDetails key={opened} appId={appId} channel={opened} />}
      </Dialog>
    </Page>
  );
}

const columns: readonly Column<ChannelSummary>[] = [
  { name: "Channel", inCard: "title", cell: ({ name }) => <ChannelButton name={name} /> },
  {
    name: "Type",
    width: "w-40",
    cell: ({ type, isCache }) => (
      <span className="flex gap-1">
        <Badge tone={type === "presence" ? "accent" : "plain"}>{type}</Badge>
        {isCache && <Badge>cache</Badge>}
      </span>
    ),
  },
  {
    name: "Subscriptions",
    width: "w-32",
    isNumber: true,
    cell: ({ subscriptionCount }) => number(subscriptionCount),
  },
  {
    name: "Users",
    width: "w-24",
    isNumber: true,
    cell: ({ userCount }) => (userCount === null ? "–" : number(userCount)),
  },
];

/** A link that opens the channel beside the list. */
function ChannelButton({ name }: { readonly name: string }) {
  const { open } = useOpened("channel");
  return (
    <button
      type="button"
      title={name}
      onClick={() => open(name)}
      className="block max-w-full truncate font-mono hover:underline"
    >
      {name}
    </button>
  );
}
