/** Three steps to the first event of a new app. Each step is marked done when the server reports it. */

import * as Ariakit from "@ariakit/react";
import type { App } from "@soketify/admin";
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";
import { serverUrl } from "../api/client.ts";
import { useClientEndpoint } from "../api/client-endpoint.ts";
import { listenLive } from "../api/live-stream.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { Icon } from "../ui/icon.tsx";
import { Panel } from "../ui/page.tsx";
import { clientExamples, type Example, serverExamples } from "./first-event-examples.ts";

const steps = { type: "connection_opened,event_published" };

export function FirstEvent({ app, wasUsed }: { readonly app: App; readonly wasUsed: boolean }) {
  // Stays until the person leaves the page, so that the completed last step can be seen.
  const [isNew] = useState(!wasUsed && app.connectionCount === 0);
  return isNew ? <Guide app={app} /> : null;
}

function Guide({ app }: { readonly app: App }) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const { leave } = listenLive(app.id, steps, (news) => {
      if (news.kind !== "entry") return;
      const { type } = news.entry;
      setSeen((types) => (types.has(type) ? types : new Set([...types, type])));
    });
    return leave;
  }, [app.id]);
  const isConnected = app.connectionCount > 0 || seen.has("connection_opened");
  const endpoint = { ...useClientEndpoint(), appId: app.id, key: app.key };
  return (
    <Panel
      title="Your first event"
      lead="Follow these three steps. The page marks each step when it is done."
    >
      <ol className="grid gap-6">
        <Step title="1. Connect a client" isDone={isConnected}>
          <Examples label="Client" examples={clientExamples(endpoint)} />
        </Step>
        <Step title="2. Send an event from a backend" isDone={seen.has("event_published")}>
          <Examples label="Backend" examples={serverExamples(endpoint, serverUrl)} />
          <p className="text-[13px] text-soft">
            The secret is in <To path={`/apps/${app.id}/settings`}>Settings</To>. curl uses an API token
            instead.
          </p>
        </Step>
        <Step title="3. See it arrive" isDone={isConnected && seen.has("event_published")}>
          <p className="text-[13px] text-soft">
            The <To path={`/apps/${app.id}/console`}>live console</To> shows every connection, subscription
            and event.
          </p>
        </Step>
      </ol>
    </Panel>
  );
}

function To({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  return (
    <Link to={path} className="text-link underline">
      {children}
    </Link>
  );
}

function Step({
  title,
  isDone,
  children,
}: {
  readonly title: string;
  readonly isDone: boolean;
  readonly children: ReactNode;
}) {
  return (
    <li className="grid gap-2">
      <h3 className="flex items-center gap-2 text-[13px] font-medium">
        {title}
        <span
          role="status"
          className={`flex items-center gap-1 text-xs ${isDone ? "text-good" : "text-faint"}`}
        >
          {isDone ? <Icon name="check" /> : null}
          {isDone ? "Done" : "Waiting…"}
        </span>
      </h3>
      {children}
    </li>
  );
}

function Examples({ label, examples }: { readonly label: string; readonly examples: readonly Example[] }) {
  return (
    <Ariakit.TabProvider>
      <Ariakit.TabList aria-label={label} className="flex flex-wrap gap-1">
        {examples.map(({ name }) => (
          <Ariakit.Tab
            key={name}
            id={`${label}-${name}`}
            className="rounded-md px-2.5 py-1 text-[13px] text-soft aria-selected:bg-accent-wash aria-selected:text-link"
          >
            {name}
          </Ariakit.Tab>
        ))}
      </Ariakit.TabList>
      {examples.map(({ name, code }) => (
        <Ariakit.TabPanel key={name} tabId={`${label}-${name}`}>
          <CodeBlock code={code} label={`${name} example`} />
        </Ariakit.TabPanel>
      ))}
    </Ariakit.TabProvider>
  );
}
