/** One row of the console in full, and the event in it as something to run. */
import type { LiveEntry } from "../../../server/src/admin-api/live-contract.ts";
import { serverUrl } from "../api/client.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { channelsOf, lookOf, timeOf } from "./live-row.ts";

export function LiveDetail({
  appId,
  entry,
  onClose,
}: {
  readonly appId: string;
  readonly entry: LiveEntry;
  readonly onClose: () => void;
}) {
  const event = "event" in entry ? entry : null;
  return (
    <section
      aria-label="The row in full"
      className="max-h-[45%] overflow-y-auto border-t border-line bg-page"
    >
      <div className="sticky top-0 flex items-center gap-1 border-b border-line bg-page px-3 py-1">
        <h2 className="mr-auto text-[13px]">
          {lookOf(entry).label} · {timeOf(entry.at)}
        </h2>
        <CopyButton text={JSON.stringify(entry, null, 2)} label="Copy the row as JSON" caption="JSON" />
        {event !== null && (
          <>
            <CopyButton text={curlOf(appId, entry)} label="Copy as curl" caption="curl" />
            <CopyButton text={pusherJsOf(entry)} label="Copy as pusher-js" caption="pusher-js" />
          </>
        )}
        <Button look="quiet" aria-label="Close" onClick={onClose} isTight>
          <Icon name="close" />
        </Button>
      </div>
      <pre className="p-3 font-mono text-xs break-all whitespace-pre-wrap">{readable(entry)}</pre>
    </section>
  );
}

/** With the payload's own JSON laid out, where it is whole. */
function readable(entry: LiveEntry): string {
  if (!("payload" in entry)) return JSON.stringify(entry, null, 2);
  return JSON.stringify(
    { ...entry, payload: { ...entry.payload, text: parsed(entry.payload.text) } },
    null,
    2,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // an event's data need not be JSON
  }
}

function curlOf(appId: string, entry: LiveEntry): string {
  if (!("event" in entry)) return "";
  const body = { name: entry.event, channels: channelsOf(entry), data: entry.payload.text };
  const url = new URL(`api/v1/apps/${appId}/events`, serverUrl);
  const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl ${url} -H "Authorization: Bearer $SOKETIFY_TOKEN" -H 'Content-Type: application/json' -d '${quoted}'`;
}

function pusherJsOf(entry: LiveEntry): string {
  if (!("event" in entry)) return "";
  const [channel = ""] = channelsOf(entry);
  return `pusher.subscribe(${JSON.stringify(channel)}).bind(${JSON.stringify(entry.event)}, (data) => console.log(data));`;
}
