/** Who has an account, in which role, and who is invited. */
import type { Invitation, Person, Role } from "../../../server/src/admin-api/people-contract.ts";
import { useChange } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { inputClass } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Failure, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { When } from "../ui/when.tsx";
import { InviteForm, roles } from "./invite-form.tsx";

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
  const change = useChange("PATCH /people/{personId}");
  const remove = useChange("DELETE /people/{personId}");
  const error = change.error ?? remove.error;
  return (
    <>
      {error !== null && <Failure error={error} />}
      <Table label="People" columns={["Name", "E-mail", "Role", "Second factor", "Since", ""]}>
        {people.map((person) => (
          <tr key={person.id}>
            <Cell className="font-medium">{person.name}</Cell>
            <Cell>{person.email}</Cell>
            <Cell>
              <select
                aria-label={`Role of ${person.name}`}
                value={person.role}
                disabled={change.isPending}
                onChange={(event) => {
                  const role = event.target.value as Role;
                  const appIds = role === "developer" ? (person.appIds ?? []) : null;
                  change.mutate({ path: { personId: person.id }, body: { role, appIds } });
                }}
                className={`${inputClass} h-8 w-32`}
              >
                {roles.map(({ role }) => (
                  <option key={role}>{role}</option>
                ))}
              </select>
            </Cell>
            <Cell>
              {person.hasSecondFactor ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>}
            </Cell>
            <Cell className="whitespace-nowrap">
              <When at={person.createdAt} />
            </Cell>
            <Cell className="text-right">
              <Button
                look="danger"
                aria-label={`Remove ${person.name}`}
                onClick={() => remove.mutate({ path: { personId: person.id } })}
              >
                Remove
              </Button>
            </Cell>
          </tr>
        ))}
      </Table>
    </>
  );
}

function InvitationTable({ invitations }: { readonly invitations: readonly Invitation[] }) {
  const withdraw = useChange("DELETE /people/invitations/{invitationId}");
  return (
    <Table label="Invitations" columns={["E-mail", "Role", "Invited by", "Expires", ""]}>
      {invitations.map((invitation) => (
        <tr key={invitation.id}>
          <Cell>{invitation.email}</Cell>
          <Cell>
            <Badge>{invitation.role}</Badge>
          </Cell>
          <Cell>{invitation.invitedBy}</Cell>
          <Cell>
            <When at={invitation.expiresAt} />
          </Cell>
          <Cell className="text-right">
            <Button onClick={() => withdraw.mutate({ path: { invitationId: invitation.id } })}>
              Withdraw
            </Button>
          </Cell>
        </tr>
      ))}
    </Table>
  );
}
