/** Occupied channels, and one of them in full. */
import { useDeferredValue, useState } from "react";
import type { ChannelSummary } from "../../../server/src/admin-api/channel-contract.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { inputClass } from "../ui/field.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { ChannelPanel } from "./channel-panel.tsx";

const askedEveryMs = 2_000;

export default function ChannelsPage({ appId }: { readonly appId: string }) {
  const [prefix, setPrefix] = useState("");
  const [opened, setOpened] = useState<string | null>(null);
  const channels = useGet(
    "GET /apps/{appId}/channels",
    { path: { appId }, query: { prefix: useDeferredValue(prefix.trim()), limit: 200 } },
    { everyMs: askedEveryMs },
  );
  return (
    <Page title="Channels" lead="Channels that have a subscriber now">
      <input
        type="search"
        aria-label="Channels whose name begins with"
        placeholder="Name begins with…"
        value={prefix}
        onChange={(event) => setPrefix(event.target.value)}
        className={`${inputClass} max-w-sm bg-panel`}
      />
      <div className={`grid items-start gap-5 ${opened === null ? "" : "lg:grid-cols-2"}`}>
        <Panel isFlush>
          <Loaded of={channels}>
            {(page) =>
              page.channels.length === 0 ? (
                <Empty title={prefix === "" ? "No channel is occupied" : "No occupied channel begins so"}>
                  A channel appears when its first client subscribes.
                </Empty>
              ) : (
                <>
                  <ChannelTable channels={page.channels} opened={opened} onOpen={setOpened} />
                  {page.nextCursor !== null && (
                    <p className="border-t border-line px-4 py-2 text-xs text-faint">
                      The first {page.channels.length}. Type a beginning to see others.
                    </p>
                  )}
                </>
              )
            }
          </Loaded>
        </Panel>
        {opened !== null && <ChannelPanel appId={appId} channel={opened} onClose={() => setOpened(null)} />}
      </div>
    </Page>
  );
}

function ChannelTable({
  channels,
  opened,
  onOpen,
}: {
  readonly channels: readonly ChannelSummary[];
  readonly opened: string | null;
  readonly onOpen: (name: string) => void;
}) {
  return (
    <Table label="Channels" columns={["Channel", "Type", "Subscriptions", "Users"]}>
      {channels.map(({ name, type, isCache, subscriptionCount, userCount }) => (
        <tr key={name} className={name === opened ? "bg-accent-wash" : "hover:bg-raised/50"}>
          <Cell className="max-w-72">
            <button
              type="button"
              onClick={() => onOpen(name)}
              className="block max-w-full truncate font-mono hover:underline"
            >
              {name}
            </button>
          </Cell>
          <Cell>
            <span className="flex gap-1">
              <Badge tone={type === "presence" ? "accent" : "plain"}>{type}</Badge>
              {isCache && <Badge>cache</Badge>}
            </span>
          </Cell>
          <Cell className="tabular-nums">{number(subscriptionCount)}</Cell>
          <Cell className="tabular-nums">{userCount === null ? "–" : number(userCount)}</Cell>
        </tr>
      ))}
    </Table>
  );
}
