/** Creates the first owner's setup link, with its entry in the audit log. */
import { type Actor, auditActor } from "../core/actor.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Invitations } from "./invitations.ts";

/** Call it within a transaction. Returns the token of the link. */
export async function inviteFirstOwner(
  invitations: Invitations,
  audit: Pick<AuditLog, "append">,
  actor: Actor,
): Promise<{ token: string; expiresAtMs: number }> {
  const owner = { role: "owner", appIds: null } as const;
  const { invitation, token } = await invitations.make({
    ...owner,
    email: null,
    invitedBy: actor.name,
    ownerId: null,
  });
  await audit.append({
    ...auditActor(actor),
    action: "person.invite",
    target: "the first owner",
    appId: null,
    before: null,
    after: owner,
  });
  return { token, expiresAtMs: invitation.expiresAtMs };
}
