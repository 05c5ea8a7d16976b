/** One-time links that create an account. The first owner's setup link is an invitation without an e-mail address. */
import type { AccountStore, StoredInvitation } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { RoleAndApps } from "../core/role.ts";
import { hashOfToken, newId, newToken } from "./tokens.ts";

const validMs = 7 * 24 * 3_600_000;

export class Invitations {
  readonly #store: AccountStore;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: AccountStore, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Returns the token, which is not stored anywhere. */
  async make(
    given: RoleAndApps & Pick<StoredInvitation, "email" | "invitedBy" | "ownerId">,
  ): Promise<{ invitation: StoredInvitation; token: string }> {
    const { email, role, appIds, invitedBy, ownerId } = given;
    const token = newToken();
    const now = this.#clock.now();
    const times = { createdAtMs: now, expiresAtMs: now + validMs };
    const invitation = { id: newId(), email, role, appIds, invitedBy, ownerId, ...times };
    await this.#store.addInvitation(invitation, hashOfToken(token));
    return { invitation, token };
  }

  /** Open invitations, without setup links. */
  list(): Promise<StoredInvitation[]> {
    return this.#store.openInvitations(this.#clock.now());
  }

  /**
   * Finds an open invitation. A setup link is invalid once there is any account.
   * @throws Refusal `invitation_gone`
   */
  async open(token: string): Promise<StoredInvitation> {
    const invitation = await this.#store.findInvitation(hashOfToken(token), this.#clock.now());
    if (invitation === null) throw gone();
    if (invitation.email === null && (await this.#store.count()) > 0) throw alreadySetUp();
    return invitation;
  }

  /** Returns the withdrawn invitation. @throws Refusal `invitation_gone` */
  async withdraw(id: string): Promise<StoredInvitation> {
    const invitation = await this.#store.removeInvitation(id);
    if (invitation === null) throw gone();
    return invitation;
  }
}

export function gone(): Refusal {
  return new Refusal("invitation_gone", "This link was used, withdrawn or has expired: ask for a new one");
}

function alreadySetUp(): Refusal {
  return new Refusal("invitation_gone", "This server is already set up: log in");
}
