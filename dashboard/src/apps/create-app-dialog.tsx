import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";

export function CreateAppDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [, navigate] = useLocation();
  const create = useChange("POST /apps");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { body: name.trim() === "" ? {} : { name } },
      {
        onSuccess: ({ app }) => {
          onClose();
          navigate(`/apps/${app.id}/overview`);
        },
      },
    );
  };
  return (
    <Dialog title="New app" isOpen={isOpen} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="Shop, production"
          maxLength={100}
          hint="For people only; it may change at any time. Id, key and secret are generated."
        />
        {create.error !== null && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending}>
            Create app
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
