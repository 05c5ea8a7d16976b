/** A real client in the page: subscribe, send client events, and see the frames in both directions. */
import type { App } from "@soketify/admin";
import { type FormEvent, useEffect, useState } from "react";
import { parseExactly } from "../../../server/src/protocol/parse-exactly.ts";
import { useClientEndpoint } from "../api/client-endpoint.ts";
import { type Frame, PlaygroundClient } from "../api/playground-client.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { TextArea, TextField } from "../ui/field.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { reachable } from "../ui/reachable.ts";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { ClockTime } from "../ui/when.tsx";

/** What other members of a presence channel see. It names nobody: they may be the app's own users. */
const playgroundMember = { id: "soketify-playground", name: "Playground" };

export default function PlaygroundPage({ appId }: { readonly appId: string }) {
  const app = useGet("GET /apps/{appId}", { path: { appId } });
  return (
    <Page title="Playground" lead="A standard pusher-js client that runs in this page with your permissions.">
      <Loaded of={app}>{(answer) => <Playground key={answer.app.key} app={answer.app} />}</Loaded>
    </Page>
  );
}

function Playground({ app }: { readonly app: App }) {
  const endpoint = useClientEndpoint();
  const [client, setClient] = useState<PlaygroundClient | null>(null);
  const [state, setState] = useState("disconnected");
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  useEffect(() => () => client?.close(), [client]);
  const connect = () => setClient(new PlaygroundClient(app, endpoint, playgroundMember, setState, setFrames));
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[2fr_3fr]">
      <div className="grid gap-5">
        <Panel
          title="Client"
          actions={<Badge tone={state === "connected" ? "good" : "plain"}>{state}</Badge>}
        >
          {client === null ? (
            <Button look="primary" onClick={connect}>
              Connect
            </Button>
          ) : (
            <SubscribeForm client={client} />
          )}
        </Panel>
        {client !== null && (
          <Panel title="Client event">
            <ClientEventForm client={client} />
          </Panel>
        )}
      </div>
      <Panel title="Frames" isFlush>
        {frames.length === 0 ? (
          <Empty title="No frames yet">Frames that the client sends and receives appear here.</Empty>
        ) : (
          <div {...reachable("Frames")} className="max-h-[70vh] overflow-y-auto">
            <ol className="divide-y divide-line font-mono text-xs">
              {frames.toReversed().map(({ key, at, direction, text }) => (
                <li key={key} className="flex gap-2 px-4 py-1.5">
                  <ClockTime at={at} className="text-faint" />
                  <span
                    className={
                      direction === "in" ? "text-good" : direction === "out" ? "text-link" : "text-warn"
                    }
                  >
                    {direction === "in" ? "↓" : direction === "out" ? "↑" : "!"}
                  </span>
                  <span className="min-w-0 flex-1 wrap-anywhere">{text}</span>
                </li>
              ))}
            </ol>
          </div>
        )}
      </Panel>
    </div>
  );
}

function SubscribeForm({ client }: { readonly client: PlaygroundClient }) {
  const [name, setName] = useState("presence-lobby");
  const [channels, setChannels] = useState(client.channels);
  const subscribe = (event: FormEvent) => {
    event.preventDefault();
    client.subscribe(name.trim());
    setChannels(client.channels);
  };
  return (
    <div className="grid gap-3">
      <form onSubmit={subscribe} className="grid gap-2">
        <TextField
          label="Channel"
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint="Public, private- or presence-"
          required
        />
        <div>
          <Button type="submit" look="primary">
            Subscribe
          </Button>
        </div>
      </form>
      <ul className="grid gap-1">
        {channels.map((channel) => (
          <li key={channel} className="flex items-center justify-between gap-2 font-mono text-[13px]">
            <span className="min-w-0 truncate">{channel}</span>
            <Button
              look="quiet"
              onClick={() => {
                client.unsubscribe(channel);
                setChannels(client.channels);
              }}
            >
              Leave
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function ClientEventForm({ client }: { readonly client: PlaygroundClient }) {
  const [problem, setProblem] = useState<Error | null>(null);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      client.sendClientEvent(
        String(form.get("channel")),
        String(form.get("event")),
        parseExactly(String(form.get("data"))),
      );
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return (
    <form onSubmit={send} className="grid gap-2">
      <TextField label="Channel" name="channel" defaultValue="presence-lobby" required />
      <TextField label="Event" name="event" defaultValue="client-hello" pattern="client-.+" required />
      <TextArea label="Data" name="data" defaultValue={'{ "message": "hello" }'} hint="JSON" required />
      {problem !== null && <Failure error={problem} />}
      <div>
        <Button type="submit">Send client event</Button>
      </div>
    </form>
  );
}
