import type { FormEvent } from "react";
import type { WebhookBody } from "../../../server/src/admin-api/webhook-contract.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";

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

export function WebhookForm({ appId, onDone }: { readonly appId: string; readonly onDone: () => void }) {
  const create = useChange("POST /apps/{appId}/webhooks");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const prefix = String(form.get("prefix")).trim();
    create.mutate(
      {
        path: { appId },
        body: {
          url: String(form.get("url")).trim(),
          events: types.filter((type) => form.has(type)),
          batching: form.has("batching"),
          filters: prefix === "" ? {} : { prefix },
        },
      },
      { onSuccess: onDone },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField label="URL" name="url" type="url" placeholder="https://example.com/webhooks" required />
      <fieldset className="grid gap-1.5 text-[13px]">
        <legend className="mb-1 font-medium">Events</legend>
        {types.map((type) => (
          <label key={type} className="flex items-baseline gap-2">
            <input type="checkbox" name={type} defaultChecked={type === "channel_occupied"} />
            <span className="font-mono">{type}</span>
            <span className="text-xs text-faint">{meanings[type]}</span>
          </label>
        ))}
      </fieldset>
      <TextField label="Only channels that begin with" name="prefix" placeholder="all channels" />
      <label className="flex items-center gap-2 text-[13px]">
        <input type="checkbox" name="batching" defaultChecked /> Many events in one request
      </label>
      {create.error !== null && <Failure error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Make the webhook
        </Button>
      </div>
    </form>
  );
}
