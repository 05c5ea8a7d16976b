/** The dashboard of a node in a cluster: it shows the other nodes, and names a node that does not answer. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import Pusher from "pusher";
import { type SilentNode, startSilentNode } from "../../server/test/support/fakes/silent-node.ts";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { directTo, type RunningCluster, startCluster } from "../../server/test/support/start-cluster.ts";
import { violationsOf } from "./accessibility.ts";
import { keepPicture } from "./pictures.ts";
import { owner, testBrowser } from "./test-dashboard.ts";

const browser = testBrowser();
let cluster: RunningCluster;
let silent: SilentNode;

beforeAll(async () => {
  cluster = await startCluster(2, {
    env: { SOKETIFY_ADMIN_EMAIL: owner.email, SOKETIFY_ADMIN_PASSWORD: owner.password },
  });
  silent = await startSilentNode(cluster.redis.url, "node-c");
});
afterAll(async () => {
  await silent?.die();
  await cluster?.remove();
});

function direct(index: number) {
  const node = cluster.nodes[index];
  if (node === undefined) throw new Error(`There is no node ${index}`);
  return directTo(node);
}

test("the Nodes page shows every node, and one that died with this state", async () => {
  const { page, goTo, complaints } = await browser.openDashboard(direct(0));
  await goTo("nodes");
  for (const name of ["node-a", "node-b", "node-c"])
    await page.getByRole("heading", { name, exact: true }).waitFor();
  await page
    .getByText(/^Version \S+, up .*, last seen /)
    .first()
    .waitFor();
  for (const fact of ["Connections", "CPU", "Event-loop lag", "Memory", "Redis round trip"])
    await page.getByText(fact, { exact: true }).first().waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await keepPicture(page, "cluster-nodes-light-1440");

  const leaving = await startSilentNode(cluster.redis.url, "node-d");
  await page.getByRole("heading", { name: "node-d", exact: true }).waitFor();
  await leaving.die();
  const gone = page.getByRole("table", { name: "Stopped nodes" });
  await gone.getByText("node-d").waitFor();
  await gone.getByText("Died").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await keepPicture(page, "cluster-node-died-light-1440");
  expect(complaints).toEqual([]);
});

test("connections of all nodes are in one list, and the node that did not answer is named", async () => {
  const clients = await Promise.all([0, 1].map((index) => RawClient.connect(direct(index).webSocketUrl())));
  const { page, goTo } = await browser.openDashboard(direct(0));
  await goTo(`apps/${cluster.front.app.id}/connections`);
  await page.getByText("node-c did not answer in time. Its data is missing here.").waitFor();
  const open = page.getByRole("table", { name: "Open connections" });
  for (const [index, { socketId }] of clients.entries()) {
    const row = open.getByRole("row").filter({ hasText: socketId });
    await row.getByText(index === 0 ? "node-a" : "node-b", { exact: true }).waitFor();
  }
  expect(await violationsOf(page)).toEqual([]);
  await keepPicture(page, "cluster-connections-light-1440");

  const onB = clients[1];
  if (onB === undefined) throw new Error("There are two clients");
  await page.getByRole("button", { name: onB.socketId }).click();
  await page.getByRole("dialog").getByText("node-b", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Close this connection" }).click();
  expect(await onB.closed).toMatchObject({ code: 4009 });
  for (const { tcp } of clients) tcp.destroy();
});

test("the Traffic page sums the publishes of backends on all nodes", async () => {
  const { app } = cluster.front;
  const clients = await Promise.all([0, 1].map((index) => RawClient.connect(direct(index).webSocketUrl())));
  for (const client of clients) await client.subscribe("orders");
  for (const [index, events] of [3, 2].entries()) {
    const node = cluster.nodes[index];
    if (node === undefined) throw new Error(`There is no node ${index}`);
    const credentials = { appId: app.id, key: app.key, secret: app.secret };
    const sender = new Pusher({
      ...credentials,
      host: node.host,
      port: String(node.listenPort),
      useTLS: false,
    });
    for (let order = 0; order < events; order++) await sender.trigger("orders", "placed", { order });
  }
  for (const client of clients)
    for (let event = 0; event < 5; event++) await client.expect("placed", "orders");
  const { page, goTo, complaints } = await browser.openDashboard(direct(0));
  await goTo(`apps/${app.id}/traffic?span=hour`);
  const cells = (table: string, name: string | RegExp) =>
    page.getByRole("table", { name: table }).getByRole("row", { name }).getByRole("cell");
  await cells("Channels", "orders").nth(-2).getByText("5", { exact: true }).waitFor();
  await cells("Senders", /pusher-http-node/)
    .nth(-2)
    .getByText("5", { exact: true })
    .waitFor();
  await cells("Channels", "orders").nth(-1).getByText("10", { exact: true }).waitFor();
  const published = page.getByRole("table", { name: "Published events" });
  await published.getByRole("columnheader", { name: "Node" }).waitFor();
  const eventsOf = (node: string) =>
    published.getByRole("row", { name: "placed" }).getByText(node, { exact: true });
  // A busy node may not have answered the first request in time.
  for (const [node, last] of [
    ["node-a", 2],
    ["node-b", 1],
  ] as const)
    await eventsOf(node).nth(last).waitFor();
  expect([await eventsOf("node-a").count(), await eventsOf("node-b").count()]).toEqual([3, 2]);
  expect([await violationsOf(page), complaints]).toEqual([[], []]);
  for (const { tcp } of clients) tcp.destroy();
});

test("a killed node needs attention on Apps, with a link to the Nodes page", async () => {
  const { page, goTo, complaints } = await browser.openDashboard(direct(0));
  await cluster.nodes[1]?.kill();
  await goTo("apps");
  const item = page
    .getByRole("region", { name: "Needs attention" })
    .getByRole("listitem")
    .filter({ hasText: "node-b" });
  await item.getByText("Node died").waitFor();
  await item.getByText("stopped reporting without a shutdown").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await keepPicture(page, "cluster-apps-node-died-light-1440");
  await item.getByRole("link", { name: "node-b" }).click();
  await page
    .getByRole("table", { name: "Stopped nodes" })
    .getByRole("row", { name: /^node-b Died/ })
    .waitFor();
  expect(complaints).toEqual([]);
});
