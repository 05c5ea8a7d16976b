/** The database becomes unreachable while the server runs, is unreachable during a restart, and is reachable again. */
import { expect, test } from "bun:test";
import Pusher from "pusher";
import { problem } from "../../src/admin-api/contracts/common.ts";
import { Browser, password } from "../support/people-api.ts";
import { startPostgres } from "../support/services/postgres.ts";
import { startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

test("known apps are served while the database is unreachable, also after a restart, and it is used again once it is back", async () => {
  const database = await startPostgres();
  const env = {
    SOKETIFY_DATABASE_URL: database.url,
    SOKETIFY_ADMIN_EMAIL: "owner@example.com",
    SOKETIFY_ADMIN_PASSWORD: password,
  };
  const server = await startServer({ env });
  const { host, port, app } = server;
  const where = { appId: app.id, host, port: String(port), useTLS: false, cluster: "default" };
  const backend = new Pusher({ ...where, key: app.key, secret: app.secret });
  const publish = async () => (await backend.trigger("news", "story", {})).status;
  const degraded = async () => {
    const answer = await fetch(`${server.httpUrl}/health/ready`);
    return ((await answer.json()) as { degraded: string[] }).degraded;
  };
  const logIn = () =>
    new Browser(server.httpUrl, fetch).send("POST", "/session", { email: "owner@example.com", password });
  const noLogin = { status: 503, code: "database_unreachable" } as const;
  const refusal = async (answer: Response) => {
    const { status, code } = problem.parse(await answer.json());
    return { status, code };
  };
  try {
    expect([await publish(), await degraded()]).toEqual([200, []]);
    await database.stop();
    await until("the outage to be noticed", async () => (await degraded()).length > 0);
    expect(await publish()).toBe(200);
    expect(await refusal(await logIn())).toEqual(noLogin);
    await server.kill();
    await server.start();
    expect(await refusal(await logIn())).toEqual(noLogin);
    expect([await publish(), (await degraded()).length]).toEqual([200, 1]);
    await database.start();
    await until("the database to be used again", async () => (await degraded()).length === 0);
    expect(await publish()).toBe(200);
    await until("somebody to log in", async () => (await logIn()).ok);
    expect(server.log).not.toContain("A bug");
  } finally {
    await server.remove();
    await database.remove();
  }
});
