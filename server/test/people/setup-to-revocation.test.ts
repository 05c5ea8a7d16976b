import { afterAll, beforeAll, expect, test } from "bun:test";
import { sessionsAnswer } from "../../src/admin-api/contracts/people.ts";
import { Browser } from "../support/people-api.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const email = "owner@example.com";
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.remove());

test("the setup link leads to a session, and revoking it ends its live stream", async () => {
  const here = new Browser(server.httpUrl, fetch);
  const link = await until("the setup link in the log", () => setupLinkIn(server.log));
  await here.join(link, { email });
  expect((await here.load()).person).toMatchObject({ email, role: "owner" });

  const there = new Browser(server.httpUrl, fetch);
  await there.logIn(email);
  const stream = await there.call("GET", `/apps/${server.app.id}/live`);
  const { sessions } = sessionsAnswer.parse(await (await here.call("GET", "/sessions")).json());
  const other = sessions.find(({ isCurrent }) => !isCurrent);
  expect(other?.address).toBe("127.0.0.1");
  await here.call("DELETE", `/sessions/${other?.id}`);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await stream.text()).toContain('"reason":"unauthorized"');
}, 30_000);

test("after a restart the session remains valid, and no setup is offered", async () => {
  const browser = new Browser(server.httpUrl, fetch);
  await browser.logIn(email);
  const logged = server.log.length;
  await server.restart();
  expect((await browser.load()).person?.email).toBe(email);
  expect(setupLinkIn(server.log.slice(logged))).toBeNull();
});

test("an owner from the environment can log in immediately", async () => {
  const password = "given by the operator";
  const env = { SOKETIFY_ADMIN_EMAIL: email, SOKETIFY_ADMIN_PASSWORD: password };
  const other = await startServer({ env });
  const browser = new Browser(other.httpUrl, fetch);
  await browser.logIn(email, password);
  expect((await browser.load()).person?.role).toBe("owner");
  await other.remove();
});

function setupLinkIn(log: string): string | null {
  return /https?:\/\/\S+\/dashboard\/setup#[\w-]+/.exec(log)?.[0] ?? null;
}
