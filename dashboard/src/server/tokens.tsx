/** API tokens for programs, each with its own permissions. */
import type { Token } from "@soketify/admin";
import { type FormEvent, useState } from "react";
import { useChange } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { AppChoice } from "../apps/app-choice.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Confirmation } from "../ui/confirmation.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { When } from "../ui/when.tsx";

const dayMs = 86_400_000;
const tokensOf = (page: { readonly tokens: readonly Token[] }) => page.tokens;

export default function TokensPage() {
  const dialog = useNewDialog();
  const tokens = useList("GET /tokens", { query: { limit: 100 } }, tokensOf);
  return (
    <Page
      title="API tokens"
      lead="For programs that use the admin API."
      actions={
        <Button look="primary" onClick={dialog.open}>
          <Icon name="plus" /> New token
        </Button>
      }
    >
      <Panel isFlush>
        <Loaded of={tokens.query}>
          {() =>
            tokens.rows.length === 0 ? (
              <Empty title="There are no tokens yet">
                Create one token for each program, so that you can revoke each one separately.
              </Empty>
            ) : (
              <>
                <Table label="Tokens" columns={columns} rows={tokens.rows} keyOf={({ id }) => id} />
                <ListEnd list={tokens} noun="token" />
              </>
            )
          }
        </Loaded>
      </Panel>
      <Dialog title="New token" isOpen={dialog.isOpen} onClose={dialog.close}>
        <TokenForm onDone={dialog.close} />
      </Dialog>
    </Page>
  );
}

const columns: readonly Column<Token>[] = [
  { name: "Name", inCard: "title", className: "font-medium", cell: ({ name }) => name },
  {
    name: "Permissions",
    inCard: "line",
    cell: ({ scopes }) => (
      <span className="flex flex-wrap gap-1">
        {scopes.map((scope) => (
          <Badge key={scope} tone={scope === "admin" ? "warn" : "plain"}>
            {scope}
          </Badge>
        ))}
      </span>
    ),
  },
  {
    name: "Created",
    inCard: "line",
    cell: ({ createdAt, createdBy }) => (
      <>
        <When at={createdAt} /> <span className="text-faint">by {createdBy}</span>
      </>
    ),
  },
  {
    name: "Expires",
    className: "whitespace-nowrap",
    cell: ({ expiresAt }) => <When at={expiresAt} />,
  },
  {
    name: "Last used",
    className: "whitespace-nowrap",
    cell: ({ lastUsedAt }) => <When at={lastUsedAt} />,
  },
  { name: "", className: "text-right", cell: (token) => <Revoke token={token} /> },
];

function Revoke({ token }: { readonly token: Token }) {
  const [isAsked, setIsAsked] = useState(false);
  const close = () => setIsAsked(false);
  return (
    <>
      <Button look="danger" aria-label={`Revoke ${token.name}`} onClick={() => setIsAsked(true)}>
        Revoke
      </Button>
      <Dialog title={`Revoke ${token.name}?`} isOpen={isAsked} onClose={close}>
        <RevokeForm token={token} onDone={close} />
      </Dialog>
    </>
  );
}

function RevokeForm({ token, onDone }: { readonly token: Token; readonly onDone: () => void }) {
  const revoke = useChange("DELETE /tokens/{tokenId}");
  return (
    <Confirmation
      confirmLabel="Revoke the token"
      keep="Keep the token"
      change={revoke}
      onDo={() => revoke.mutate({ path: { tokenId: token.id } }, { onSuccess: onDone })}
      onKeep={onDone}
    >
      Requests with this token are rejected immediately. You cannot undo this. Last used:{" "}
      <When at={token.lastUsedAt} />.
    </Confirmation>
  );
}

function TokenForm({ onDone }: { readonly onDone: () => void }) {
  const [scope, setScope] = useState("read");
  const [appIds, setAppIds] = useState<readonly string[]>([]);
  const scopes = scope === "apps" ? appIds.map((id) => `app:${id}`) : [scope];
  const create = useChange("POST /tokens");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get("days"));
    create.mutate({
      body: {
        name: String(form.get("name")),
        scopes,
        expiresAt: days === 0 ? null : new Date(Date.now() + days * dayMs).toISOString(),
      },
    });
  };
  if (create.data !== undefined)
    return (
      <ShownOnce code={create.data.token.value} label="the token" onDone={onDone}>
        Copy the token now. It is shown only once.
      </ShownOnce>
    );
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="Name" name="name" placeholder="deploy script" required maxLength={100} />
      <SelectField label="Permissions" value={scope} onChange={({ target }) => setScope(target.value)}>
        <option value="read">Read everything except secrets</option>
        <option value="admin">Full access</option>
        <option value="apps">Full access to selected apps</option>
      </SelectField>
      {scope === "apps" && <AppChoice chosen={appIds} onChange={setAppIds} none="Select at least one app." />}
      <SelectField label="Expires" name="days" defaultValue="90">
        <option value="30">in 30 days</option>
        <option value="90">in 90 days</option>
        <option value="365">in a year</option>
        <option value="0">never</option>
      </SelectField>
      {create.error !== null && <Failure error={create.error} />}
      <Button type="submit" look="primary" disabled={scopes.length === 0} isBusy={create.isPending}>
        Create the token
      </Button>
    </form>
  );
}
