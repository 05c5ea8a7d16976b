/** The stored events of a channel. */
import type { HistoryEvent } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useMay } from "../api/session.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { exactly } from "../ui/clock.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { exactNumber } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { TimePicker } from "../ui/time-picker.tsx";
import { useTimeBounds } from "../ui/time-range.ts";
import { changedSearch } from "../ui/use-url-text.ts";
import { When } from "../ui/when.tsx";

const askedEveryMs = 3_000;
const eventsOf = (page: { readonly events: readonly HistoryEvent[] }) => page.events;

export default function HistoryPage({ appId }: { readonly appId: string }) {
  const channel = new URLSearchParams(useSearch()).get("channel") ?? "";
  return (
    <Page
      title="Channel history"
      lead="The events that a channel stores for clients that missed them."
      actions={<TimePicker first={null} />}
    >
      <ChannelChoice key={channel} appId={appId} channel={channel} />
      {channel === "" ? (
        <Panel>
          <Empty title="Which channel?">Enter the name of a channel to see its events.</Empty>
        </Panel>
      ) : (
        <Events key={channel} appId={appId} channel={channel} />
      )}
    </Page>
  );
}

interface OfChannel {
  readonly appId: string;
  readonly channel: string;
}

function ChannelChoice({ appId, channel }: OfChannel) {
  const [name, setName] = useState(channel);
  const [, navigate] = useLocation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(`/apps/${appId}/history${changedSearch({ channel: name.trim() })}`);
  };
  return (
    <form onSubmit={submit} className="flex max-w-lg items-end gap-2">
      <div className="min-w-0 flex-1">
        <TextField label="Channel" value={name} onChange={(event) => setName(event.target.value)} required />
      </div>
      {/* Aligns the button with the input: the field has an empty hint below it. */}
      <Button type="submit" className="mb-1.5">
        Show
      </Button>
    </form>
  );
}

function Events({ appId, channel }: OfChannel) {
  const [direction, setDirection] = useState<"backwards" | "forwards">("backwards");
  const { from, to } = useTimeBounds();
  const during = { ...(from !== null && { since: from }), ...(to !== null && { until: to }) };
  const events = useList(
    "GET /apps/{appId}/channels/{channel}/history",
    { path: { appId, channel }, query: { direction, ...during } },
    eventsOf,
    { everyMs: askedEveryMs },
  );
  const publish = useChange("POST /apps/{appId}/events");
  const maySend = useMay("app.operate");
  const sendAgain = ({ name, data }: HistoryEvent) =>
    publish.mutate({ path: { appId }, body: { name, data, channels: [channel] } });
  return (
    <Panel
      title={channel}
      isFlush
      actions={
        <SelectField
          label="Order"
          value={direction}
          onChange={(event) => setDirection(event.target.value === "forwards" ? "forwards" : "backwards")}
        >
          <option value="backwards">Newest first</option>
          <option value="forwards">Oldest first</option>
        </SelectField>
      }
    >
      {publish.error !== null && (
        <div className="p-4">
          <Failure error={publish.error} />
        </div>
      )}
      {from !== null && <FirstStored appId={appId} channel={channel} from={from} />}
      <Loaded of={events.query}>
        {() =>
          events.rows.length === 0 ? (
            from === null ? (
              <NoEvents appId={appId} />
            ) : (
              <Empty title="No stored events of this time" />
            )
          ) : (
            <>
              <ul aria-label="Events" className="divide-y divide-line text-[13px]">
                {events.rows.map((event) => (
                  <EventRow
                    key={event.offset}
                    event={event}
                    isBusy={publish.isPending}
                    onSendAgain={maySend ? () => sendAgain(event) : null}
                  />
                ))}
              </ul>
              <ListEnd list={events} noun="event" more={direction === "backwards" ? "older" : "newer"} />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** A note if the selected time begins before the oldest stored event. */
function FirstStored({ appId, channel, from }: OfChannel & { readonly from: string }) {
  const { data } = useGet(
    "GET /apps/{appId}/channels/{channel}/history",
    { path: { appId, channel }, query: { direction: "forwards", limit: 1 } },
    { everyMs: askedEveryMs },
  );
  const first = data?.events[0];
  if (first === undefined || first.at <= from) return null;
  return (
    <p className="border-b border-line px-4 py-2 text-xs text-soft">
      The stored events begin at {exactly(first.at)}. Earlier ones are no longer stored, or there were none.
    </p>
  );
}

function NoEvents({ appId }: { readonly appId: string }) {
  return (
    <Empty title="No stored events">
      No event was published recently, or no channel rule gives this channel a history. See{" "}
      <Link href={`/apps/${appId}/settings`} className="text-link underline">
        Settings → Channel rules
      </Link>
      .
    </Empty>
  );
}

function EventRow({
  event,
  isBusy,
  onSendAgain,
}: {
  readonly event: HistoryEvent;
  readonly isBusy: boolean;
  /** Null if the person may not publish. */
  readonly onSendAgain: (() => void) | null;
}) {
  const { offset, name, data, at, userId, exceptSocketId } = event;
  return (
    <li aria-label={`Event ${offset}`} className="grid gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-mono text-xs text-faint">#{exactNumber(offset)}</span>
        <span className="min-w-0 font-medium wrap-anywhere">{name}</span>
        {userId !== null && <Badge tone="accent">user {userId}</Badge>}
        {exceptSocketId !== null && <Badge>not to {exceptSocketId}</Badge>}
        <span className="text-xs text-faint">
          <When at={at} />
        </span>
        {onSendAgain !== null && (
          <Button look="quiet" className="ml-auto" isBusy={isBusy} onClick={onSendAgain}>
            Send again
          </Button>
        )}
      </div>
      <CodeBlock code={data} label={`the data of event ${offset}`} />
    </li>
  );
}
