/** What a webhook is for: the same form makes one and changes one. */
import { type FormEvent, useState } from "react";
import type { WebhookBody } from "../../../server/src/admin-api/contracts/webhooks.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";
import { parseHeaders, WebhookHeaders } from "./webhook-headers.tsx";

type EventType = WebhookBody["events"][number];

const meanings: { readonly [Type in EventType]: string } = {
  channel_occupied: "A channel got its first subscriber",
  channel_vacated: "A channel lost its last one",
  member_added: "A user entered a presence channel",
  member_removed: "A user left one",
  client_event: "A client sent an event",
  cache_miss: "A cache channel had nothing to replay",
  subscription_count: "A channel's subscription count changed",
  user_online: "A signed-in user's first connection opened",
  user_offline: "The last one closed",
};
const types = Object.keys(meanings) as EventType[];

interface WebhookFormProps {
  readonly appId: string;
  /** Null: a new one. */
  readonly webhook: WebhookBody | null;
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
        hint="At a public address; one inside your network must be allowed at the server's start: SOKETIFY_WEBHOOK_ALLOW"
        defaultValue={webhook?.url}
        required
      />
      <EventTypes chosen={webhook?.events ?? ["channel_occupied", "channel_vacated"]} />
      <ChannelFilters filters={webhook?.filters ?? { prefix: [], suffix: [], glob: [] }} />
      <WebhookHeaders names={webhook?.headerNames ?? []} />
      <label className="flex items-center gap-2 text-[13px]">
        <input type="checkbox" name="batching" defaultChecked={webhook?.batching ?? true} /> Many events in
        one request
      </label>
      {error !== null && <Failure error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending || change.isPending}>
          {webhook === null ? "Make the webhook" : "Save"}
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

/** Names of channels hold no spaces, so that spaces part them here. */
function ChannelFilters({ filters }: { readonly filters: WebhookBody["filters"] }) {
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-medium">Only channels whose names</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        <TextField
          label="begin with"
          name="prefix"
          placeholder="private- presence-"
          defaultValue={filters.prefix.join(" ")}
        />
        <TextField label="end with" name="suffix" placeholder="-eu" defaultValue={filters.suffix.join(" ")} />
        <TextField label="fit" name="glob" placeholder="room-*-?" defaultValue={filters.glob.join(" ")} />
      </div>
      <p className="text-xs text-faint">
        Empty: all channels. Several are parted by spaces; * is any characters, ? is one.
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
