/** The person's account: name, password, second factor and sessions. */
import type { Person, Session } from "@soketify/admin";
import type { FormEvent } from "react";
import { useChange, useGet, useLogOut } from "../api/use-api.ts";
import { browserOf } from "../connections/browser-of.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Failure, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { When } from "../ui/when.tsx";
import { NewPasswordField } from "./new-password-field.tsx";
import { SecondFactor } from "./second-factor.tsx";

export default function AccountPage() {
  const session = useGet("GET /session", {});
  return (
    <Page title="Account" lead={session.data?.person?.email ?? "\u00a0"} actions={<LogOutButton />}>
      <Loaded of={session}>
        {({ person }) =>
          person === null ? <Empty title="You are not logged in" /> : <Sections person={person} />
        }
      </Loaded>
    </Page>
  );
}

function Sections({ person }: { readonly person: Person }) {
  return (
    <>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <NameForm person={person} />
        <PasswordForm />
      </div>
      <SecondFactor person={person} />
      <Sessions />
    </>
  );
}

function LogOutButton() {
  const { logOut, isPending } = useLogOut();
  return (
    <Button isBusy={isPending} onClick={logOut}>
      <Icon name="logOut" /> Log out
    </Button>
  );
}

function NameForm({ person }: { readonly person: Person }) {
  const change = useChange("PATCH /account");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate({ body: { name: String(new FormData(event.currentTarget).get("name")) } });
  };
  return (
    <Panel title="Profile">
      <form onSubmit={submit} className="grid gap-3">
        <TextField label="Name" name="name" defaultValue={person.name} required maxLength={100} />
        <p className="text-[13px] text-soft">
          Role: <Badge tone="accent">{person.role}</Badge>
        </p>
        {change.error !== null && <Failure error={change.error} />}
        <div>
          <Button type="submit" isBusy={change.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function PasswordForm() {
  const change = useChange("POST /account/password");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    change.mutate(
      {
        body: {
          currentPassword: String(fields.get("currentPassword")),
          newPassword: String(fields.get("newPassword")),
        },
      },
      { onSuccess: () => form.reset() },
    );
  };
  return (
    <Panel title="Password" lead="Changing the password ends your other sessions.">
      <form onSubmit={submit} className="grid gap-3">
        <TextField
          label="Current password"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPasswordField label="New password" name="newPassword" />
        {change.error !== null && <Failure error={change.error} />}
        {change.isSuccess && <p className="text-[13px] text-good">Password changed.</p>}
        <div>
          <Button type="submit" isBusy={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Sessions() {
  const sessions = useGet("GET /sessions", {});
  const revokeOthers = useChange("DELETE /sessions");
  return (
    <Panel
      title="Sessions"
      lead="The browsers where you are logged in."
      isFlush
      actions={
        <Button isBusy={revokeOthers.isPending} onClick={() => revokeOthers.mutate({})}>
          End all others
        </Button>
      }
    >
      <Loaded of={sessions}>{(answer) => <SessionTable sessions={answer.sessions} />}</Loaded>
    </Panel>
  );
}

const sessionColumns: readonly Column<Session>[] = [
  {
    name: "Browser",
    inCard: "title",
    className: "max-w-80",
    cell: ({ userAgent }) => <span title={userAgent ?? undefined}>{browserOf(userAgent)}</span>,
  },
  { name: "Address", inCard: "line", className: "font-mono", cell: ({ address }) => address ?? "–" },
  {
    name: "Logged in",
    className: "whitespace-nowrap",
    cell: ({ createdAt }) => <When at={createdAt} />,
  },
  {
    name: "Last seen",
    className: "whitespace-nowrap",
    cell: ({ isCurrent, lastSeenAt }) => (isCurrent ? "now" : <When at={lastSeenAt} />),
  },
  { name: "", className: "text-right", cell: (session) => <EndSession session={session} /> },
];

function SessionTable({ sessions }: { readonly sessions: readonly Session[] }) {
  return <Table label="Sessions" columns={sessionColumns} rows={sessions} keyOf={({ id }) => id} />;
}

function EndSession({ session }: { readonly session: Session }) {
  const revoke = useChange("DELETE /sessions/{sessionId}");
  if (session.isCurrent) return <Badge tone="good">This session</Badge>;
  return (
    <Button look="danger" onClick={() => revoke.mutate({ path: { sessionId: session.id } })}>
      End
    </Button>
  );
}
