/** The details of one console row, and its event as code to copy. */
import type { LiveEntry } from "@soketify/admin";
import { channelsOf } from "../../../server/src/live/live-filter.ts";
import { parseExactly } from "../../../server/src/protocol/parse-exactly.ts";
import { serverUrl } from "../api/client.ts";
import { useClientEndpoint } from "../api/client-endpoint.ts";
import { useGet } from "../api/use-api.ts";
import { curlProgram, pusherJsProgram } from "../settings/copied-programs.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { ClockTime } from "../ui/when.tsx";
import { lookOf } from "./live-row.ts";

type EventEntry = Extract<LiveEntry, { readonly event: string }>;

export function LiveDetail({
  appId,
  entry,
  onClose,
}: {
  readonly appId: string;
  readonly entry: LiveEntry;
  readonly onClose: () => void;
}) {
  const connection = useOpened("socket");
  const socketId = "socketId" in entry ? entry.socketId : null;
  return (
    <section aria-label="Row details" className="max-h-[45%] overflow-y-auto border-t border-line bg-page">
      <div className="sticky top-0 flex flex-wrap items-center gap-1 border-b border-line bg-page px-3 py-1">
        <h2 className="mr-auto text-[13px] max-sm:min-w-[75%]">
          {lookOf(entry).label} · <ClockTime at={entry.at} />
        </h2>
        <Button look="quiet" aria-label="Close" onClick={onClose} className="sm:order-last" isTight>
          <Icon name="close" />
        </Button>
        {socketId !== null && (
          <Button look="quiet" onClick={() => connection.open(socketId)}>
            <Icon name="connections" /> Connection
          </Button>
        )}
        <CopyButton text={JSON.stringify(entry, null, 2)} label="Copy the row as JSON" caption="JSON" />
        {"event" in entry && <Copies appId={appId} entry={entry} />}
      </div>
      <pre className="p-3 font-mono text-xs wrap-anywhere whitespace-pre-wrap">{readable(entry)}</pre>
    </section>
  );
}

/** The entry as formatted JSON; a payload that is complete JSON is formatted too. */
function readable(entry: LiveEntry): string {
  if (!("payload" in entry) || entry.payload === null) return JSON.stringify(entry, null, 2);
  return JSON.stringify(
    { ...entry, payload: { ...entry.payload, text: parsed(entry.payload.text) } },
    null,
    2,
  );
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return text; // an event's data need not be JSON
  }
}

/** Buttons that copy the event as code. */
function Copies({ appId, entry }: { readonly appId: string; readonly entry: EventEntry }) {
  const endpoint = useClientEndpoint();
  const one = useGet("GET /apps/{appId}", { path: { appId } });
  const channels = channelsOf(entry);
  const { event, payload } = entry;
  // A backend cannot send client events, and clipped data cannot be sent in full.
  const data = entry.type === "event_published" && payload?.isClipped === false ? payload.text : null;
  return (
    <>
      {data !== null && (
        <CopyButton
          text={curlProgram(serverUrl, appId, { name: event, channels, data })}
          label="Copy as curl"
          caption="curl"
        />
      )}
      {one.data !== undefined && (
        <CopyButton
          text={pusherJsProgram({ ...endpoint, key: one.data.app.key }, channels, event)}
          label="Copy as pusher-js"
          caption="pusher-js"
        />
      )}
    </>
  );
}
