/** The accounts with their roles, and the open invitations. */
import type { Invitation, Person } from "@soketify/admin";
import { useState } from "react";
import { useChange } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { AppNames } from "../apps/app-names.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Confirmation } from "../ui/confirmation.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { When } from "../ui/when.tsx";
import { InviteForm } from "./invite-form.tsx";
import { RoleForm } from "./role-form.tsx";

const peopleOf = (page: { readonly people: readonly Person[] }) => page.people;

export default function TeamPage() {
  const dialog = useNewDialog();
  const people = useList("GET /people", { query: { limit: 100 } }, peopleOf);
  const invitations = people.firstPage?.invitations ?? [];
  return (
    <Page
      title="Team"
      lead="Role changes take effect immediately. A person who loses permissions is logged out."
      actions={
        <Button look="primary" onClick={dialog.open}>
          <Icon name="plus" /> Invite
        </Button>
      }
    >
      <Loaded of={people.query}>
        {() => (
          <>
            <Panel title="People" isFlush>
              <Table label="People" columns={personColumns} rows={people.rows} keyOf={({ id }) => id} />
              <ListEnd list={people} noun="person" many="people" />
            </Panel>
            {invitations.length > 0 && (
              <Panel title="Invitations" isFlush>
                <Table
                  label="Invitations"
                  columns={invitationColumns}
                  rows={invitations}
                  keyOf={({ id }) => id}
                />
              </Panel>
            )}
          </>
        )}
      </Loaded>
      <Dialog title="Invite a person" isOpen={dialog.isOpen} onClose={dialog.close}>
        <InviteForm onDone={dialog.close} />
      </Dialog>
    </Page>
  );
}

const personColumns: readonly Column<Person>[] = [
  { name: "Name", inCard: "title", className: "font-medium", cell: ({ name }) => name },
  { name: "E-mail", inCard: "line", className: "break-words", cell: ({ email }) => email },
  { name: "Role", cell: ({ role }) => <Badge tone="accent">{role}</Badge> },
  { name: "Apps", inCard: "line", className: "max-w-48", cell: ({ appIds }) => <AppNames appIds={appIds} /> },
  {
    name: "Second factor",
    cell: ({ hasSecondFactor }) =>
      hasSecondFactor ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>,
  },
  { name: "Since", className: "whitespace-nowrap", cell: ({ createdAt }) => <When at={createdAt} /> },
  { name: "", cell: (person) => <PersonActions person={person} /> },
];

function PersonActions({ person }: { readonly person: Person }) {
  const [asked, setAsked] = useState<"role" | "removal" | null>(null);
  const close = () => setAsked(null);
  return (
    <span className="flex justify-end gap-2">
      <Button aria-label={`Change role of ${person.name}`} onClick={() => setAsked("role")}>
        Change role
      </Button>
      <Button look="danger" aria-label={`Remove ${person.name}`} onClick={() => setAsked("removal")}>
        Remove
      </Button>
      <Dialog title={`Role of ${person.name}`} isOpen={asked === "role"} onClose={close}>
        <RoleForm person={person} onDone={close} />
      </Dialog>
      <Dialog title={`Remove ${person.name}?`} isOpen={asked === "removal"} onClose={close}>
        <RemoveForm person={person} onDone={close} />
      </Dialog>
    </span>
  );
}

function RemoveForm({ person, onDone }: { readonly person: Person; readonly onDone: () => void }) {
  const remove = useChange("DELETE /people/{personId}");
  return (
    <Confirmation
      confirmLabel="Remove the account"
      keep="Keep the account"
      change={remove}
      onDo={() => remove.mutate({ path: { personId: person.id } }, { onSuccess: onDone })}
      onKeep={onDone}
    >
      {person.email} is logged out everywhere immediately and needs a new invitation to return.
    </Confirmation>
  );
}

const invitationColumns: readonly Column<Invitation>[] = [
  { name: "E-mail", inCard: "title", className: "break-words", cell: ({ email }) => email },
  { name: "Role", cell: ({ role }) => <Badge>{role}</Badge> },
  { name: "Apps", inCard: "line", className: "max-w-48", cell: ({ appIds }) => <AppNames appIds={appIds} /> },
  { name: "Invited by", inCard: "line", className: "break-words", cell: ({ invitedBy }) => invitedBy },
  { name: "Expires", className: "whitespace-nowrap", cell: ({ expiresAt }) => <When at={expiresAt} /> },
  { name: "", className: "text-right", cell: (invitation) => <Withdraw invitation={invitation} /> },
];

function Withdraw({ invitation }: { readonly invitation: Invitation }) {
  const [isAsked, setIsAsked] = useState(false);
  const close = () => setIsAsked(false);
  return (
    <>
      <Button
        look="danger"
        aria-label={`Withdraw the invitation of ${invitation.email}`}
        onClick={() => setIsAsked(true)}
      >
        Withdraw
      </Button>
      <Dialog title="Withdraw the invitation?" isOpen={isAsked} onClose={close}>
        <WithdrawForm invitation={invitation} onDone={close} />
      </Dialog>
    </>
  );
}

function WithdrawForm({
  invitation,
  onDone,
}: {
  readonly invitation: Invitation;
  readonly onDone: () => void;
}) {
  const withdraw = useChange("DELETE /people/invitations/{invitationId}");
  return (
    <Confirmation
      confirmLabel="Withdraw the invitation"
      keep="Keep the invitation"
      change={withdraw}
      onDo={() => withdraw.mutate({ path: { invitationId: invitation.id } }, { onSuccess: onDone })}
      onKeep={onDone}
    >
      The link for {invitation.email} stops working.
    </Confirmation>
  );
}
