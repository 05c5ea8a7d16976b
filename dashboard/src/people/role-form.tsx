import type { Person } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/states.tsx";
import { type RoleAndApps, RoleFields } from "./role-fields.tsx";

export function RoleForm({ person, onDone }: { readonly person: Person; readonly onDone: () => void }) {
  const [value, setValue] = useState<RoleAndApps>({ role: person.role, appIds: person.appIds });
  const change = useChange("PATCH /people/{personId}");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { role, appIds } = value;
    const body = { role, appIds: appIds === null ? null : [...appIds] };
    change.mutate({ path: { personId: person.id }, body }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <p className="text-soft">{person.email}</p>
      <RoleFields value={value} onChange={setValue} />
      {change.error !== null && <Failure error={change.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={change.isPending}>
          Save the role
        </Button>
      </div>
    </form>
  );
}
