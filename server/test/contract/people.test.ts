import { expect, test } from "bun:test";
import { enrolAnswer, inviteAnswer, sessionsAnswer } from "../../src/admin-api/contracts/people.ts";
import { openPeople } from "../../src/cli/open-people.ts";
import { LoginSessions } from "../../src/people/login-sessions.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { serverSecret } from "../../src/storage/keys/server-secret.ts";
import { KyselyAccountStore } from "../../src/storage/people/kysely-account-store.ts";
import { KyselySecondFactorStore } from "../../src/storage/people/kysely-second-factor-store.ts";
import { KyselySessionStore } from "../../src/storage/people/kysely-session-store.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import { type Browser, PeopleApiUnderTest, password } from "../support/people-api.ts";
import { totp } from "../support/totp.ts";
import { onEachDatabase } from "./databases.ts";

const newPassword = "a new one, kept better";

onEachDatabase((open) => {
  test("people join, log in with two factors, are changed and removed", async () => {
    const { db } = await open();
    const server = new PeopleApiUnderTest(db);
    const owner = await server.owner();
    const developer = await server.somebody(owner, "developer", ["1"]);
    const { person } = await developer.load();
    expect(person).toMatchObject({ role: "developer", appIds: ["1"], hasSecondFactor: false });

    const { secret } = await enrol(developer);
    const [again, replaying] = [server.browser(), server.browser()];
    for (const browser of [again, replaying])
      await browser.call("POST", "/session", { email: person?.email, password });
    const code = { kind: "totp", code: totp(secret, 1) };
    await again.call("POST", "/session/second-factor", code);
    expect(await replaying.refusal("POST", "/session/second-factor", code)).toBe("code_used");
    expect((await again.load()).person).toMatchObject({ id: person?.id, hasSecondFactor: true });
    const { sessions } = sessionsAnswer.parse(await (await again.call("GET", "/sessions")).json());
    expect(sessions).toHaveLength(2);

    await owner.call("PATCH", `/people/${person?.id}`, { role: "admin", appIds: null });
    expect((await again.load()).person).toMatchObject({ role: "admin", appIds: null });
    await owner.call("DELETE", `/people/${person?.id}`);
    expect((await again.load()).person).toBeNull();
    expect(server.bugs).toEqual([]);
  });

  test("a locked-out person can log in after a reset of password and second factor", async () => {
    const { db } = await open();
    const server = new PeopleApiUnderTest(db);
    const browser = await server.owner();
    await enrol(browser);

    const people = await openPeople(db);
    const [person] = await people.list();
    if (person === undefined) throw new Error("The owner is gone");
    await people.setPassword(person, await people.hashPassword(newPassword, person));
    await new KyselySecondFactorStore(db).remove(person.id);
    expect((await browser.load()).person).toBeNull();
    await browser.logIn(person.email, newPassword);
    expect((await browser.load()).person).toMatchObject({ id: person.id, hasSecondFactor: false });
  });

  test("an invitation is accepted once, by one of two concurrent processes", async () => {
    const { db, openAgain } = await open();
    const server = new PeopleApiUnderTest(db);
    const other = new PeopleApiUnderTest(await openAgain());
    const owner = await server.owner();
    const body = { email: "one@example.com", role: "viewer", appIds: null };
    const invited = inviteAnswer.parse(await (await owner.call("POST", "/people/invitations", body)).json());
    const accept = { token: new URL(invited.url).hash.slice(1), name: "One", password };
    const answers = await Promise.all(
      [server, other, server, other].map((one) => one.browser().send("POST", "/invitations/accept", accept)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404]);
    expect([...server.bugs, ...other.bugs]).toEqual([]);
  });

  test("of two setup links from two nodes, one creates the owner", async () => {
    const { db, openAgain } = await open();
    const nodes = [new PeopleApiUnderTest(db), new PeopleApiUnderTest(await openAgain())];
    const links = await Promise.all(nodes.map((node) => node.setupLink()));
    const answers = await Promise.all(
      nodes.map((node, index) =>
        node.browser().send("POST", "/invitations/accept", {
          token: new URL(links[index] ?? "").hash.slice(1),
          name: "Owner",
          password,
          email: `owner-${index}@example.com`,
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect(await new KyselyAccountStore(db).count()).toBe(1);
    expect(nodes.flatMap(({ bugs }) => bugs)).toEqual([]);
  });

  test("two nodes that start concurrently with different owners create one", async () => {
    const { db, openAgain } = await open();
    const nodes = [new PeopleApiUnderTest(db), new PeopleApiUnderTest(await openAgain())];
    await Promise.all(
      nodes.map((node, index) => node.people.setUp({ email: `owner-${index}@example.com`, password })),
    );
    expect(await new KyselyAccountStore(db).count()).toBe(1);
    expect(nodes.flatMap((node) => node.admin.management.audit.rows)).toHaveLength(1);
  });

  test("each code is accepted once in concurrent requests to two nodes", async () => {
    const { db, openAgain } = await open();
    const nodes = [new PeopleApiUnderTest(db), new PeopleApiUnderTest(await openAgain())];
    const [node] = nodes;
    if (node === undefined) throw new Error("There is no node");
    const owner = await node.owner();
    const email = (await owner.load()).person?.email;
    const { secret, backupCodes } = await enrol(owner);
    const give = async (code: object) => {
      const waiting = await Promise.all(
        [...nodes, ...nodes].map(async (one) => {
          const browser = one.browser();
          await browser.call("POST", "/session", { email, password });
          return browser;
        }),
      );
      const answers = waiting.map((browser) => browser.send("POST", "/session/second-factor", code));
      return (await Promise.all(answers)).map(({ status }) => status).sort();
    };
    expect(await give({ kind: "backupCode", code: backupCodes[0] })).toEqual([204, 401, 401, 401]);
    expect(await give({ kind: "totp", code: totp(secret, 1) })).toEqual([204, 401, 401, 401]);
    expect(nodes.flatMap(({ bugs }) => bugs)).toEqual([]);
  });

  test("the last owner remains if two owners on two nodes step down concurrently", async () => {
    const { db, openAgain } = await open();
    const nodes = [new PeopleApiUnderTest(db), new PeopleApiUnderTest(await openAgain())];
    const [node, other] = nodes;
    if (node === undefined || other === undefined) throw new Error("There are no two nodes");
    const first = await node.owner();
    const second = await node.somebody(first, "owner");
    const elsewhere = other.browser();
    await elsewhere.logIn((await second.load()).person?.email ?? "");
    const [firstId, secondId] = [await first.load(), await elsewhere.load()].map(({ person }) => person?.id);
    const viewer = { role: "viewer", appIds: null };
    const answers = await Promise.all([
      first.send("PATCH", `/people/${firstId}`, viewer),
      elsewhere.send("PATCH", `/people/${secondId}`, viewer),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("expired sessions are removed, and an account has at most fifty", async () => {
    const { db } = await open();
    const server = new PeopleApiUnderTest(db);
    await server.owner();
    const [account] = await new KyselyAccountStore(db).list();
    if (account === undefined) throw new Error("The owner is gone");
    const clock = new FakeClock();
    const sessions = new LoginSessions(new KyselySessionStore(db), clock);
    const visitor = { address: null, userAgent: null };
    const tokens: string[] = [];
    for (let count = 0; count < 52; count += 1) {
      clock.advance(1_000);
      tokens.push(await sessions.begin(account, visitor));
    }
    expect(await sessions.list(account.id)).toHaveLength(50);
    expect(await sessions.find(tokens[0] ?? "")).toBeNull();
    expect((await sessions.find(tokens.at(-1) ?? ""))?.account.id).toBe(account.id);
    clock.advance(8 * 24 * 3_600_000);
    expect(await sessions.find(tokens.at(-1) ?? "")).toBeNull();
  });

  test("a session and a login whose account was removed in the meantime are refused with an error", async () => {
    const sessions = new KyselySessionStore((await open()).db);
    const times = { createdAtMs: 0, seenAtMs: 0, expiresAtMs: 1 };
    const session = { id: "s", accountId: "gone", address: null, userAgent: null, ...times };
    const login = { accountId: "gone", method: "password", expiresAtMs: 1 };
    const refused = { code: "owner_deleted" };
    await expect(sessions.begin(session, "hash", 5)).rejects.toMatchObject(refused);
    await expect(sessions.addPending(login, "hash")).rejects.toMatchObject(refused);
  });

  test("a secret of the server is the same for every process and at every start", async () => {
    const { db, dataDir, openAgain } = await open();
    const other = await openAgain();
    const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
    const [one, two] = await Promise.all([serverSecret(db, keys, "x"), serverSecret(other, keys, "x")]);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(two).toBe(one);
    expect(await serverSecret(db, keys, "y")).not.toBe(one);
  });
});

async function enrol(browser: Browser) {
  const enrolled = await browser.call("POST", "/account/second-factor", { password });
  const { totpUri, backupCodes } = enrolAnswer.parse(await enrolled.json());
  const secret = new URL(totpUri).searchParams.get("secret") ?? "";
  await browser.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
  return { secret, backupCodes };
}
