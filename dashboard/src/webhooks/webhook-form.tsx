/** The form that creates and edits a webhook. */
import type { Webhook } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";
import { parseHeaders, WebhookHeaders } from "./webhook-headers.tsx";

type EventType = Webhook["events"][number];

const meanings: { readonly [Type in EventType]: string } = {
  channel_occupied: "A channel got its first subscriber",
  channel_vacated: "A channel lost its last subscriber",
  member_added: "A user joined a presence channel",
  member_removed: "A user left a presence channel",
  client_event: "A client sent an event",
  cache_miss: "A client subscribed to a cache channel without a cached event",
  subscription_count: "A channel's subscription count changed",
  user_online: "A signed-in user's first connection opened",
  user_offline: "A signed-in user's last connection closed",
};
const types = Object.keys(meanings) as EventType[];

interface WebhookFormProps {
  readonly appId: string;
  /** Null: creates a webhook. */
  readonly webhook: Webhook | null;
  readonly onDone: () => void;
}

export function WebhookForm({ appId, webhook, onDone }: WebhookFormProps) {
  const create = useChange("POST /apps/{appId}/webhooks");
  const change = useChange("PATCH /apps/{appId}/webhooks/{webhookId}");
  const [problem, setProblem] = useState<Error | null>(null);
  const error = problem ?? create.error ?? change.error;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const choices = choicesIn(new FormData(event.currentTarget));
    setProblem(choices instanceof Error ? choices : null);
    if (choices instanceof Error) return;
    if (webhook === null) create.mutate({ path: { appId }, body: choices }, { onSuccess: onDone });
    else change.mutate({ path: { appId, webhookId: webhook.id }, body: choices }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label="URL"
        name="url"
        type="url"
        placeholder="https://example.com/webhooks"
        hint="Must be a public address. To allow addresses inside your network, set SOKETIFY_WEBHOOK_ALLOW on the server."
        defaultValue={webhook?.url}
        required
      />
      <EventTypes chosen={webhook?.events ?? ["channel_occupied", "channel_vacated"]} />
      <ChannelFilters filters={webhook?.filters ?? { prefix: [], suffix: [], glob: [] }} />
      <WebhookHeaders names={webhook?.headerNames ?? []} />
      <label className="flex items-center gap-2 text-[13px]">
        <input type="checkbox" name="batching" defaultChecked={webhook?.batching ?? true} /> Send several
        events in one request
      </label>
      {error !== null && <Failure error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending || change.isPending}>
          {webhook === null ? "Create the webhook" : "Save"}
        </Button>
      </div>
    </form>
  );
}

function EventTypes({ chosen }: { readonly chosen: readonly EventType[] }) {
  return (
    <fieldset className="grid gap-1.5 text-[13px]">
      <legend className="mb-1 font-medium">Events</legend>
      {types.map((type) => (
        <label key={type} className="flex items-start gap-2">
          <input type="checkbox" name={type} defaultChecked={chosen.includes(type)} className="mt-1" />
          <span className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-mono">{type}</span>
            <span className="text-xs text-faint">{meanings[type]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Channel names contain no spaces, so spaces separate the patterns. */
function ChannelFilters({ filters }: { readonly filters: Webhook["filters"] }) {
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-medium">Only channels whose names</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        <TextField
          label="start with"
          name="prefix"
          placeholder="private- presence-"
          defaultValue={filters.prefix.join(" ")}
        />
        <TextField label="end with" name="suffix" placeholder="-eu" defaultValue={filters.suffix.join(" ")} />
        <TextField label="match" name="glob" placeholder="room-*-?" defaultValue={filters.glob.join(" ")} />
      </div>
      <p className="text-xs text-faint">
        Leave empty for all channels. Separate several values with spaces. * matches any characters, ? matches
        one.
      </p>
    </fieldset>
  );
}

function choicesIn(form: FormData) {
  const list = (name: string) =>
    String(form.get(name))
      .split(/\s+/)
      .filter((text) => text !== "");
  const events = types.filter((type) => form.has(type));
  const headers = parseHeaders(form);
  if (headers instanceof Error) return headers;
  return {
    url: String(form.get("url")).trim(),
    events,
    batching: form.has("batching"),
    filters: { prefix: list("prefix"), suffix: list("suffix"), glob: list("glob") },
    ...(headers === null ? {} : { headers }),
  };
}
