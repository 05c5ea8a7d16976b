import { afterAll, beforeAll, expect, test } from "bun:test";
import { somebody } from "../../../test/support/management.ts";
import { type Browser, PeopleApiUnderTest } from "../../../test/support/people-api.ts";
import type { Endpoint } from "../endpoint.ts";
import { type EndpointName, endpoints } from "../endpoints.ts";
import { type PeopleEndpoint, peopleEndpoints } from "./people-endpoints.ts";
import type { PeopleEndpointName } from "./people-handlers.ts";

/**
 * Who may use what on app 1: a letter for each of owner, admin, developer of app 1, developer of app 2 (x), viewer of
 * all apps, viewer of app 2 (w).
 */
const access: Readonly<Record<EndpointName, string>> = {
  me: "oadxvw",
  server: "oadxvw",
  settingRules: "oadxvw",
  nodes: "oadxvw",
  nodeStarts: "oadxvw",
  listApps: "oadxvw",
  createApp: "oa----",
  getApp: "oad-v-",
  changeApp: "oad---",
  deleteApp: "oa----",
  listSecrets: "oad-v-",
  rotateSecret: "oad---",
  activateSecret: "oad---",
  cancelRotation: "oad---",
  revealSecret: "oad---",
  listChannels: "oad-v-",
  getChannel: "oad-v-",
  channelHistory: "oad-v-",
  channelSettings: "oad-v-",
  listConnections: "oad-v-",
  listClosedConnections: "oad-v-",
  getConnection: "oad-v-",
  getConnectionTimeline: "oad-v-",
  closeConnection: "oad---",
  listWebhooks: "oad-v-",
  createWebhook: "oad---",
  getWebhook: "oad-v-",
  changeWebhook: "oad---",
  deleteWebhook: "oad---",
  testWebhook: "oad---",
  listDeliveries: "oad-v-",
  replayDelivery: "oad---",
  replayGivenUp: "oad---",
  publishEvent: "oad---",
  authorizeChannel: "oad---",
  authenticateUser: "oad---",
  live: "oad-v-",
  listErrors: "oad-v-",
  listErrorGroups: "oad-v-",
  appLimits: "oad-v-",
  board: "oadxvw",
  serverLimits: "oadxvw",
  listActivity: "oad-v-",
  listPublished: "oad-v-",
  getUser: "oad-v-",
  traffic: "oad-v-",
  localhostWebhooks: "oadxvw",
  changeLocalhostWebhooks: "oa----",
  attention: "oadxvw",
  findUsers: "oadxvw",
  stats: "oad-v-",
  listTokens: "oa----",
  createToken: "oa----",
  deleteToken: "oa----",
  listAudit: "oa----",
  exportAudit: "oa----",
  verifyAudit: "oa----",
};

let server: PeopleApiUnderTest;
let browsers: Readonly<Record<string, Browser>>;

beforeAll(async () => {
  server = await PeopleApiUnderTest.start();
  await server.admin.management.addApp(somebody, { id: "1" });
  await server.admin.management.addApp(somebody, { id: "2" });
  const owner = await server.owner();
  browsers = {
    o: owner,
    a: await server.somebody(owner, "admin"),
    d: await server.somebody(owner, "developer", ["1"]),
    x: await server.somebody(owner, "developer", ["2"]),
    v: await server.somebody(owner, "viewer"),
    w: await server.somebody(owner, "viewer", ["2"]),
  };
});

afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server.remove();
});

async function whoMay({ method, path }: Pick<Endpoint, "method" | "path">): Promise<string> {
  const filled = path.replace("{appId}", "1").replace(/\{\w+\}/g, "none");
  let allowed = "";
  for (const [who, browser] of Object.entries(browsers)) {
    const response = await browser.send(method.toUpperCase(), filled);
    allowed += response.status === 403 ? "-" : who;
    expect([401, 500]).not.toContain(response.status);
    await response.body?.cancel();
  }
  return allowed;
}

test.each(Object.keys(endpoints) as EndpointName[])(
  "%s is allowed for the roles of the table",
  async (name) => {
    expect(await whoMay(endpoints[name])).toBe(access[name]);
  },
);

test.each(namesWith("people.manage"))("%s is for owners and admins", async (name) => {
  expect(await whoMay(peopleEndpoints[name])).toBe("oa----");
});

test.each([...namesWith("people.manage"), ...namesWith("session")])(
  "%s is 401 without a login",
  async (name) => {
    const { method, path } = peopleEndpoints[name];
    const response = await server.browser().send(method.toUpperCase(), path.replace(/\{\w+\}/g, "none"));
    expect(response.status).toBe(401);
  },
);

function namesWith(wanted: PeopleEndpoint["access"]): PeopleEndpointName[] {
  const names = Object.keys(peopleEndpoints) as PeopleEndpointName[];
  return names.filter((name) => peopleEndpoints[name].access === wanted);
}
