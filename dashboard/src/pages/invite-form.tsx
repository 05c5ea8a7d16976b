import { type FormEvent, useState } from "react";
import type { Role } from "../../../server/src/admin-api/people-contract.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";

export const roles: readonly { readonly role: Role; readonly words: string }[] = [
  { role: "viewer", words: "sees everything but secrets, changes nothing" },
  { role: "developer", words: "works with chosen apps" },
  { role: "admin", words: "changes everything but owners" },
  { role: "owner", words: "changes everything" },
];

export function InviteForm({ onDone }: { readonly onDone: () => void }) {
  const [role, setRole] = useState<Role>("developer");
  const [appIds, setAppIds] = useState<readonly string[]>([]);
  const invite = useChange("POST /people/invitations");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email"));
    invite.mutate({ body: { email, role, appIds: role === "developer" ? [...appIds] : null } });
  };
  if (invite.data !== undefined)
    return (
      <div className="grid gap-3">
        <p className="text-soft">
          Pass this link on to {invite.data.invitation.email}. It is shown this once.
        </p>
        <CodeBlock code={invite.data.url} label="the invitation link" />
        <Button look="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    );
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="E-mail" name="email" type="email" required />
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)}>
        {roles.map((one) => (
          <option key={one.role} value={one.role}>
            {one.role}: {one.words}
          </option>
        ))}
      </SelectField>
      {role === "developer" && <AppChoice chosen={appIds} onChange={setAppIds} />}
      {invite.error !== null && <Failure error={invite.error} />}
      <Button type="submit" look="primary" isBusy={invite.isPending}>
        Make the link
      </Button>
    </form>
  );
}

function AppChoice({
  chosen,
  onChange,
}: {
  readonly chosen: readonly string[];
  readonly onChange: (appIds: readonly string[]) => void;
}) {
  const apps = useGet("GET /apps", { query: { limit: 500 } });
  return (
    <fieldset className="grid max-h-40 gap-1 overflow-y-auto text-[13px]">
      <legend className="mb-1 font-medium">Apps</legend>
      {apps.data?.apps.map(({ id, name }) => (
        <label key={id} className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={({ target }) =>
              onChange(target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
