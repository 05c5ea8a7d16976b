import type { Answer } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { serverUrl } from "../api/client.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";
import { Failure } from "../ui/states.tsx";
import { type RoleAndApps, RoleFields } from "./role-fields.tsx";

export function InviteForm({ onDone }: { readonly onDone: () => void }) {
  const [value, setValue] = useState<RoleAndApps>({ role: "developer", appIds: [] });
  const invite = useChange("POST /people/invitations");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email"));
    const { role, appIds } = value;
    invite.mutate({ body: { email, role, appIds: appIds === null ? null : [...appIds] } });
  };
  if (invite.data !== undefined)
    return (
      <ShownOnce code={linkOf(invite.data)} label="the invitation link" onDone={onDone}>
        Send this link to {invite.data.invitation.email}. It is shown only once.
      </ShownOnce>
    );
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="E-mail" name="email" type="email" required />
      <RoleFields value={value} onChange={setValue} />
      {invite.error !== null && <Failure error={invite.error} />}
      <Button type="submit" look="primary" isBusy={invite.isPending}>
        Create the link
      </Button>
    </form>
  );
}

/** Uses the URL of this page if the server does not know its own. */
function linkOf({ url, path, isUrlKnown }: Answer<"POST /people/invitations">): string {
  return isUrlKnown ? url : new URL(`dashboard${path}`, serverUrl).href;
}
