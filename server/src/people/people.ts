/** Everybody with an account. There is always an owner, once there was one. */
import { Refusal } from "../core/refusal.ts";
import type { PeopleAuth } from "./people-auth.ts";
import type { Person, Role, RoleAndApps, Session } from "./person.ts";

export interface NewPerson extends RoleAndApps {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** What is stored of a person; `role` and `appIds` are written by this file alone. */
export interface StoredPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role?: unknown;
  readonly appIds?: unknown;
  readonly twoFactorEnabled?: unknown;
  readonly createdAt: Date;
}

export class People {
  readonly #context: PeopleAuth["$context"];

  constructor(auth: PeopleAuth) {
    this.#context = auth.$context;
  }

  async count(): Promise<number> {
    const { internalAdapter } = await this.#context;
    return internalAdapter.countTotalUsers();
  }

  /** The longest with us first. */
  async list(): Promise<Person[]> {
    const { internalAdapter } = await this.#context;
    const count = await internalAdapter.countTotalUsers();
    const stored = await internalAdapter.listUsers(count, 0, { field: "createdAt", direction: "asc" });
    return stored.map(toPerson);
  }

  /** @throws Refusal `person_not_found` */
  async get(id: string): Promise<Person> {
    const { internalAdapter } = await this.#context;
    const stored = await internalAdapter.findUserById(id);
    if (stored === null) throw new Refusal("person_not_found", `There is no person ${id.slice(0, 64)}`);
    return toPerson(stored);
  }

  /** @param email in lower case */
  async findByEmail(email: string): Promise<Person | null> {
    const { internalAdapter } = await this.#context;
    const found = await internalAdapter.findUserByEmail(email);
    return found === null ? null : toPerson(found.user);
  }

  /** @throws Refusal `person_exists` */
  async add({ email, name, password, role, appIds }: NewPerson): Promise<Person> {
    const context = await this.#context;
    if ((await this.findByEmail(email)) !== null)
      throw new Refusal("person_exists", `${email} has an account already`);
    const stored = await context.internalAdapter.createUser(
      {
        email,
        name,
        // The link that made the account went to whoever has this address.
        emailVerified: true,
        role,
        appIds: appIds === null ? null : JSON.stringify(appIds),
      },
      { method: "email-password" },
    );
    await context.internalAdapter.linkAccount({
      userId: stored.id,
      providerId: "credential",
      accountId: stored.id,
      password: await context.password.hash(password),
    });
    return toPerson(stored);
  }

  /** Without the old one, so for whoever owns the machine alone. Ends the person's sessions. */
  async resetPassword({ id }: Person, password: string): Promise<void> {
    const { internalAdapter, password: hashing } = await this.#context;
    await internalAdapter.updatePassword(id, await hashing.hash(password));
    await this.endSessions(id, () => true);
  }

  /** Back to the password alone, without a code. Ends the person's sessions. */
  async resetSecondFactor({ id }: Person): Promise<void> {
    const { adapter, internalAdapter } = await this.#context;
    await internalAdapter.updateUser(id, { twoFactorEnabled: false });
    await adapter.delete({ model: "twoFactor", where: [{ field: "userId", value: id }] });
    await this.endSessions(id, () => true);
  }

  async rename(id: string, name: string): Promise<Person> {
    const { internalAdapter } = await this.#context;
    return toPerson(await internalAdapter.updateUser(id, { name }));
  }

  /** @throws Refusal `last_owner` where nobody would own the server */
  async change(before: Person, { role, appIds }: RoleAndApps): Promise<Person> {
    const changed = await this.#write(before.id, { role, appIds });
    if (before.role === "owner" && role !== "owner" && (await this.#ownerCount()) === 0) {
      // Looked at after the change: two owners who step down at once must not both get through.
      await this.#write(before.id, before);
      throw new Refusal("last_owner", `${before.email} is the only owner: make somebody else one first`);
    }
    return changed;
  }

  /** Their sessions end. @throws Refusal `last_owner` where nobody would own the server */
  async remove(person: Person): Promise<void> {
    const { internalAdapter } = await this.#context;
    if (person.role === "owner") await this.change(person, { role: "viewer", appIds: null });
    await internalAdapter.deleteUser(person.id);
  }

  /** Those that have not expired, the latest first. */
  async sessionsOf(personId: string, currentId: string): Promise<Session[]> {
    const { internalAdapter } = await this.#context;
    const stored = await internalAdapter.listSessions(personId, { onlyActiveSessions: true });
    return stored
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
      .map(({ id, ipAddress, userAgent, createdAt, updatedAt, expiresAt }) => ({
        id,
        isCurrent: id === currentId,
        address: ipAddress || null,
        userAgent: userAgent || null,
        createdAt: createdAt.toISOString(),
        lastSeenAt: updatedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }));
  }

  /** How many of the person's sessions ended. @param isEnded is asked about each of them */
  async endSessions(personId: string, isEnded: (sessionId: string) => boolean): Promise<number> {
    const { internalAdapter } = await this.#context;
    const stored = await internalAdapter.listSessions(personId);
    const tokens = stored.filter(({ id }) => isEnded(id)).map(({ token }) => token);
    if (tokens.length > 0) await internalAdapter.deleteSessions(tokens);
    return tokens.length;
  }

  async #write(id: string, { role, appIds }: RoleAndApps): Promise<Person> {
    const { internalAdapter } = await this.#context;
    const stored = await internalAdapter.updateUser(id, {
      role,
      appIds: appIds === null ? null : JSON.stringify(appIds),
    });
    return toPerson(stored);
  }

  async #ownerCount(): Promise<number> {
    const { internalAdapter } = await this.#context;
    return internalAdapter.countTotalUsers([{ field: "role", value: "owner" }]);
  }
}

export function toPerson({ id, email, name, createdAt, ...stored }: StoredPerson): Person {
  return {
    id,
    email,
    name,
    role: stored.role as Role,
    appIds: parseAppIds(stored.appIds),
    hasSecondFactor: stored.twoFactorEnabled === true,
    createdAt: createdAt.toISOString(),
  };
}

/** As they are stored: a JSON list or nothing. */
export function parseAppIds(text: unknown): string[] | null {
  return typeof text === "string" ? (JSON.parse(text) as string[]) : null;
}
