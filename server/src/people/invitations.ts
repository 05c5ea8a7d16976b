/** Links that make an account, once. The first owner's setup link is one without an e-mail address. */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { parseAppIds } from "./people.ts";
import type { PeopleAuth } from "./people-auth.ts";
import type { RoleAndApps } from "./person.ts";

const day = 24 * 3_600_000;
const validMs = 7 * day;
const tokenBytes = 32;
const invitationsMax = 1_000;

export interface StoredInvitation extends RoleAndApps {
  readonly id: string;
  /** Null at setup: the owner says which. */
  readonly email: string | null;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

interface Row extends Omit<StoredInvitation, "appIds"> {
  readonly tokenHash: string;
  readonly appIds: string | null;
}

const model = "invitation";

export class Invitations {
  readonly #context: PeopleAuth["$context"];
  readonly #clock: Clock;

  constructor(auth: PeopleAuth, clock: Clock) {
    this.#context = auth.$context;
    this.#clock = clock;
  }

  /** The token is in the answer and nowhere else. */
  async make(
    given: RoleAndApps & Pick<StoredInvitation, "email" | "invitedBy">,
  ): Promise<{ invitation: StoredInvitation; token: string }> {
    const { adapter } = await this.#context;
    const token = randomBytes(tokenBytes).toString("base64url");
    const now = this.#clock.now();
    const data = {
      tokenHash: hashOf(token),
      email: given.email,
      role: given.role,
      appIds: given.appIds === null ? null : JSON.stringify(given.appIds),
      invitedBy: given.invitedBy,
      createdAt: new Date(now),
      expiresAt: new Date(now + validMs),
    };
    const row = await adapter.create<typeof data, Row>({ model, data });
    return { invitation: toInvitation(row), token };
  }

  /** Those that are open, without setup links. */
  async list(): Promise<StoredInvitation[]> {
    const { adapter } = await this.#context;
    const rows = await adapter.findMany<Row>({
      model,
      limit: invitationsMax,
      sortBy: { field: "createdAt", direction: "desc" },
    });
    return rows.filter((row) => row.email !== null && this.#isOpen(row)).map(toInvitation);
  }

  /** @throws Refusal `invitation_gone` */
  async open(token: string): Promise<StoredInvitation> {
    const { adapter } = await this.#context;
    const where = [{ field: "tokenHash", value: hashOf(token) }];
    const row = await adapter.findOne<Row>({ model, where });
    if (row === null || !this.#isOpen(row)) throw gone();
    return toInvitation(row);
  }

  /**
   * Runs the work as the one use of the link; where it fails, the link is good for another try.
   * @throws Refusal `invitation_gone` where somebody else was quicker
   */
  async use<Result>(token: string, work: () => Promise<Result>): Promise<Result> {
    const { adapter } = await this.#context;
    const where = [{ field: "tokenHash", value: hashOf(token) }];
    const row = await adapter.consumeOne<Row>({ model, where });
    if (row === null) throw gone();
    try {
      return await work();
    } catch (error) {
      await adapter.create<Row, Row>({ model, data: row, forceAllowId: true });
      throw error;
    }
  }

  /** What was withdrawn. @throws Refusal `invitation_gone` */
  async withdraw(id: string): Promise<StoredInvitation> {
    const { adapter } = await this.#context;
    const row = await adapter.consumeOne<Row>({ model, where: [{ field: "id", value: id }] });
    if (row === null) throw gone();
    return toInvitation(row);
  }

  #isOpen({ expiresAt }: Row): boolean {
    return expiresAt.getTime() > this.#clock.now();
  }
}

function toInvitation({ tokenHash: _, appIds, ...row }: Row): StoredInvitation {
  return { ...row, appIds: parseAppIds(appIds) };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function gone(): Refusal {
  return new Refusal("invitation_gone", "This link was used, withdrawn or has expired: ask for a new one");
}
