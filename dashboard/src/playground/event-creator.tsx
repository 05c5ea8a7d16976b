/** Publishes an event in the same way as a backend. */
import type { PublishAnswer } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { useChange } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { TextArea, TextField } from "../ui/field.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Failure } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";

const sentKept = 20;

interface Sent {
  readonly channels: readonly string[];
  readonly name: string;
  readonly data: string;
  readonly at: string;
  readonly answer: PublishAnswer;
}

export default function EventCreatorPage({ appId }: { readonly appId: string }) {
  const [channels, setChannels] = useState("my-channel");
  const [name, setName] = useState("my-event");
  const [data, setData] = useState('{\n  "message": "hello"\n}');
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const publish = useChange("POST /apps/{appId}/events");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const names = channels.split(/[\s,]+/).filter((channel) => channel !== "");
    publish.mutate(
      { path: { appId }, body: { name, data, channels: names } },
      {
        onSuccess: (answer) =>
          setSent(
            [{ channels: names, name, data, at: new Date().toISOString(), answer }, ...sent].slice(
              0,
              sentKept,
            ),
          ),
      },
    );
  };
  return (
    <Page
      title="Event creator"
      lead="Sends an event to all subscribers of one or more channels, as your backend does."
    >
      <div className="grid items-start gap-5 lg:grid-cols-[3fr_2fr]">
        <Panel title="New event">
          <form onSubmit={submit} className="grid gap-3">
            <TextField
              label="Channels"
              value={channels}
              onChange={(event) => setChannels(event.target.value)}
              hint="Separated by commas"
              required
            />
            <TextField
              label="Event"
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
            />
            <TextArea
              label="Data"
              value={data}
              onChange={(event) => setData(event.target.value)}
              rows={7}
              spellCheck={false}
              hint={isJson(data) ? "JSON" : "Not JSON: clients receive the text as a string"}
            />
            {publish.error !== null && <Failure error={publish.error} />}
            <div>
              <Button type="submit" look="primary" isBusy={publish.isPending}>
                Send event
              </Button>
            </div>
          </form>
        </Panel>
        <Panel title="Sent events" isFlush>
          {sent.length === 0 ? (
            <Empty title="No events sent yet">Events that you send are listed here.</Empty>
          ) : (
            <SentList
              sent={sent}
              onPick={(picked) => {
                setChannels(picked.channels.join(", "));
                setName(picked.name);
                setData(picked.data);
              }}
            />
          )}
        </Panel>
      </div>
    </Page>
  );
}

function SentList({
  sent,
  onPick,
}: {
  readonly sent: readonly Sent[];
  readonly onPick: (sent: Sent) => void;
}) {
  return (
    <ul className="divide-y divide-line text-[13px]">
      {sent.map((one) => (
        <li key={one.at} className="flex items-center gap-3 px-4 py-2.5">
          <div className="min-w-0 flex-1">
            <p className="truncate">
              <span className="font-medium">{one.name}</span> <Badge>{one.channels.join(", ")}</Badge>
            </p>
            <p className="text-xs text-faint">
              <When at={one.at} />
              {deliveredText(one.answer)}
            </p>
          </div>
          <Button look="quiet" onClick={() => onPick(one)}>
            Use again
          </Button>
        </li>
      ))}
    </ul>
  );
}

function deliveredText({ recipients, isLocal }: PublishAnswer): string {
  if (recipients === null) return "";
  const where = isLocal ? " of one node: Redis is unreachable" : "";
  const hint = recipients === 0 ? ": nobody was subscribed" : "";
  return ` · Delivered to ${recipients}${where}${hint}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Invalid JSON is a valid result here.
  }
}
