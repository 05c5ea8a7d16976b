import { expect, test } from "bun:test";
import { enrolAnswer, sessionsAnswer } from "../../src/admin-api/people-contract.ts";
import { openPeople } from "../../src/cli/open-people.ts";
import { unlockDataKeys } from "../../src/storage/data-keys.ts";
import { serverSecret } from "../../src/storage/server-secret.ts";
import { PeopleApiUnderTest, password } from "../support/people-api.ts";
import { totp } from "../support/totp.ts";
import { onEachDatabase } from "./databases.ts";

onEachDatabase((open) => {
  test("people join, sign in with two factors, are changed and removed", async () => {
    const { db } = await open();
    const server = new PeopleApiUnderTest(db);
    const owner = await server.owner();
    const developer = await server.somebody(owner, "developer", ["1"]);
    const { person } = await developer.load();
    expect(person).toMatchObject({ role: "developer", appIds: ["1"], hasSecondFactor: false });

    const enrolled = await developer.call("POST", "/account/second-factor", { password });
    const secret = new URL(enrolAnswer.parse(await enrolled.json()).totpUri).searchParams.get("secret") ?? "";
    await developer.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
    const [again, replaying] = [server.browser(), server.browser()];
    for (const browser of [again, replaying])
      await browser.call("POST", "/session", { email: person?.email, password });
    const code = { kind: "totp", code: totp(secret, 1) };
    await again.call("POST", "/session/second-factor", code);
    expect(await replaying.refusal("POST", "/session/second-factor", code)).toBe("code_used");
    expect((await again.load()).person).toMatchObject({ id: person?.id, hasSecondFactor: true });
    const { sessions } = sessionsAnswer.parse(await (await again.call("GET", "/sessions")).json());
    expect(sessions).toHaveLength(2);

    await owner.call("PATCH", `/people/${person?.id}`, { role: "viewer", appIds: null });
    expect((await again.load()).person).toMatchObject({ role: "viewer", appIds: null });
    await owner.call("DELETE", `/people/${person?.id}`);
    expect((await again.load()).person).toBeNull();
    expect(server.bugs).toEqual([]);
  });

  test("who is locked out gets in again with a new password and no second factor", async () => {
    const { db, dataDir } = await open();
    const server = new PeopleApiUnderTest(db);
    const browser = await server.owner();
    const enrolled = await browser.call("POST", "/account/second-factor", { password });
    const secret = new URL(enrolAnswer.parse(await enrolled.json()).totpUri).searchParams.get("secret") ?? "";
    await browser.call("POST", "/account/second-factor/confirm", { code: totp(secret) });

    const people = await openPeople(db, await unlockDataKeys(db, { value: null, dataDir }, 0));
    const [person] = await people.list();
    if (person === undefined) throw new Error("The owner is gone");
    await people.resetPassword(person, "a new password");
    await people.resetSecondFactor(person);
    expect((await browser.load()).person).toBeNull();
    await browser.signIn(person.email, "a new password");
    expect((await browser.load()).person).toMatchObject({ id: person.id, hasSecondFactor: false });
  });

  test("an invitation is used once, by whichever of two processes is quicker", async () => {
    const { db, openAgain } = await open();
    const server = new PeopleApiUnderTest(db);
    const other = new PeopleApiUnderTest(await openAgain());
    const owner = await server.owner();
    const body = { email: "one@example.com", role: "viewer", appIds: null };
    const invited = (await (await owner.call("POST", "/people/invitations", body)).json()) as { url: string };
    const accept = { token: new URL(invited.url).hash.slice(1), name: "One", password };
    const answers = await Promise.all(
      [server, other].map((one) => one.browser().send("POST", "/invitations/accept", accept)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
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
