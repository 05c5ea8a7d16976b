/** Who has an account, in which role, and who is invited. */
import { useState } from "react";
import type { Invitation, Person } from "../../../server/src/admin-api/people-contract.ts";
import { useChange } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Confirmation } from "../ui/confirmation.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { When } from "../ui/when.tsx";
import { InviteForm } from "./invite-form.tsx";
import { AppNames } from "./role-fields.tsx";
import { RoleForm } from "./role-form.tsx";

const peopleOf = (page: { readonly people: readonly Person[] }) => page.people;

export default function TeamPage() {
  const dialog = useNewDialog();
  const people = useList("GET /people", { query: { limit: 100 } }, peopleOf);
  const invitations = people.firstPage?.invitations ?? [];
  return (
    <Page
      title="Team"
      lead="Roles count at once, in every open browser."
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
              <PeopleTable people={people.rows} />
              <ListEnd list={people} noun="person" many="people" />
            </Panel>
            {invitations.length > 0 && (
              <Panel title="Invitations" isFlush>
                <InvitationTable invitations={invitations} />
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

function PeopleTable({ people }: { readonly people: readonly Person[] }) {
  const [changing, setChanging] = useState<Person | null>(null);
  const [removing, setRemoving] = useState<Person | null>(null);
  return (
    <>
      <Table label="People" columns={["Name", "E-mail", "Role", "Apps", "Second factor", "Since", ""]}>
        {people.map((person) => (
          <tr key={person.id}>
            <Cell className="font-medium">{person.name}</Cell>
            <Cell>{person.email}</Cell>
            <Cell>
              <Badge tone="accent">{person.role}</Badge>
            </Cell>
            <Cell className="max-w-48">
              <AppNames appIds={person.appIds} />
            </Cell>
            <Cell>
              {person.hasSecondFactor ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>}
            </Cell>
            <Cell className="whitespace-nowrap">
              <When at={person.createdAt} />
            </Cell>
            <Cell>
              <span className="flex justify-end gap-2">
                <Button aria-label={`Change role of ${person.name}`} onClick={() => setChanging(person)}>
                  Change role
                </Button>
                <Button
                  look="danger"
                  aria-label={`Remove ${person.name}`}
                  onClick={() => setRemoving(person)}
                >
                  Remove
                </Button>
              </span>
            </Cell>
          </tr>
        ))}
      </Table>
      <Dialog
        title={`Role of ${changing?.name ?? ""}`}
        isOpen={changing !== null}
        onClose={() => setChanging(null)}
      >
        {changing !== null && <RoleForm person={changing} onDone={() => setChanging(null)} />}
      </Dialog>
      <Dialog
        title={`Remove ${removing?.name ?? ""}?`}
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
      >
        {removing !== null && <RemoveForm person={removing} onDone={() => setRemoving(null)} />}
      </Dialog>
    </>
  );
}

function RemoveForm({ person, onDone }: { readonly person: Person; readonly onDone: () => void }) {
  const remove = useChange("DELETE /people/{personId}");
  return (
    <Confirmation
      deed="Remove the account"
      keep="Keep the account"
      change={remove}
      onDo={() => remove.mutate({ path: { personId: person.id } }, { onSuccess: onDone })}
      onKeep={onDone}
    >
      {person.email} is signed out everywhere at once, and comes back only by a new invitation.
    </Confirmation>
  );
}

function InvitationTable({ invitations }: { readonly invitations: readonly Invitation[] }) {
  const [withdrawing, setWithdrawing] = useState<Invitation | null>(null);
  return (
    <>
      <Table label="Invitations" columns={["E-mail", "Role", "Apps", "Invited by", "Expires", ""]}>
        {invitations.map((invitation) => (
          <tr key={invitation.id}>
            <Cell>{invitation.email}</Cell>
            <Cell>
              <Badge>{invitation.role}</Badge>
            </Cell>
            <Cell className="max-w-48">
              <AppNames appIds={invitation.appIds} />
            </Cell>
            <Cell>{invitation.invitedBy}</Cell>
            <Cell>
              <When at={invitation.expiresAt} />
            </Cell>
            <Cell className="text-right">
              <Button
                look="danger"
                aria-label={`Withdraw the invitation of ${invitation.email}`}
                onClick={() => setWithdrawing(invitation)}
              >
                Withdraw
              </Button>
            </Cell>
          </tr>
        ))}
      </Table>
      <Dialog
        title="Withdraw the invitation?"
        isOpen={withdrawing !== null}
        onClose={() => setWithdrawing(null)}
      >
        {withdrawing !== null && (
          <WithdrawForm invitation={withdrawing} onDone={() => setWithdrawing(null)} />
        )}
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
      deed="Withdraw the invitation"
      keep="Keep the invitation"
      change={withdraw}
      onDo={() => withdraw.mutate({ path: { invitationId: invitation.id } }, { onSuccess: onDone })}
      onKeep={onDone}
    >
      The link that {invitation.email} was given no longer opens.
    </Confirmation>
  );
}
