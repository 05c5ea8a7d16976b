import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";

/** Shorter secrets are accepted with a warning. */
const secretLengthAdvised = 16;

type Credential = "id" | "key" | "secret";

export function CreateAppDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [credentials, setCredentials] = useState<Partial<Record<Credential, string>>>({});
  const [, navigate] = useLocation();
  const create = useChange("POST /apps");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries({ name, ...credentials })
      .map(([field, text]) => [field, text.trim()] as const)
      .filter(([, text]) => text !== "");
    create.mutate(
      { body: Object.fromEntries(given) },
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
          hint="Shown in the dashboard only. You can change it at any time."
        />
        <OwnCredentials
          values={credentials}
          onChange={(field, text) => setCredentials((before) => ({ ...before, [field]: text }))}
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

/** For people who move from another server and whose clients already use these credentials. */
function OwnCredentials({
  values,
  onChange,
}: {
  readonly values: Partial<Record<Credential, string>>;
  readonly onChange: (field: Credential, text: string) => void;
}) {
  const secret = values.secret?.trim() ?? "";
  const isShort = secret !== "" && secret.length < secretLengthAdvised;
  const field = (name: Credential) => ({
    value: values[name] ?? "",
    onChange: (event: { readonly target: { readonly value: string } }) => onChange(name, event.target.value),
    autoComplete: "off",
    spellCheck: false,
  });
  return (
    <details>
      <summary className="cursor-pointer text-[13px] font-medium">Use an existing ID, key and secret</summary>
      <div className="mt-3 grid gap-4">
        <TextField
          label="App ID"
          {...field("id")}
          pattern="[A-Za-z0-9_\-]{1,64}"
          title="1 to 64 letters, digits, _ or -"
          hint="Leave empty to generate one."
        />
        <TextField
          label="Key"
          {...field("key")}
          pattern="[A-Za-z0-9_\-]{1,100}"
          title="1 to 100 letters, digits, _ or -"
        />
        <TextField
          label="Secret"
          {...field("secret")}
          pattern="[\x21-\x7e]{1,200}"
          title="1 to 200 visible ASCII characters without a space"
          hint={
            isShort
              ? `A secret of fewer than ${secretLengthAdvised} characters can be guessed: rotate it once every backend can be updated.`
              : undefined
          }
        />
      </div>
    </details>
  );
}
