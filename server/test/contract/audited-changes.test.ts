import { beforeEach, expect, test } from "bun:test";
import { type AppRecord, activeSecret } from "../../src/core/apps/app.ts";
import { AppRegistry } from "../../src/core/apps/app-registry.ts";
import type { InOneTransaction } from "../../src/core/ports/transactions.ts";
import type { WebhookControl } from "../../src/core/ports/webhook-control.ts";
import { type AddApp, createAddApp } from "../../src/management/add-app.ts";
import { createChangeApp } from "../../src/management/change-app.ts";
import { createDeleteApp, type DeleteApp } from "../../src/management/delete-app.ts";
import { createInstallApp } from "../../src/management/install-app.ts";
import { createManageWebhooks, type ManageWebhooks } from "../../src/management/manage-webhooks.ts";
import { createSeedApp, type SeedApp } from "../../src/management/seed-app.ts";
import { createUpdateApp, type UpdateApp } from "../../src/management/update-app.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { KyselyAuditLog } from "../../src/storage/audit/kysely-audit-log.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { createInOneTransaction } from "../../src/storage/in-one-transaction.ts";
import { AuditKey } from "../../src/storage/keys/audit-key.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { KyselyWebhookStore } from "../../src/storage/webhooks/kysely-webhook-store.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import { hubOver } from "../support/fakes/fake-topics.ts";
import { memoryCluster } from "../support/fakes/memory-cluster.ts";
import { somebody } from "../support/management.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

const control: WebhookControl = {
  urlProblem: async () => null,
  changed: async () => undefined,
  tryNow: () => undefined,
  circuit: () => ({ failuresInARow: 0, isPaused: false, pausedUntilMs: 0 }),
  test: async () => ({ attempt: { atMs: 0, durationMs: 0, status: 200, answer: "" }, detail: null }),
};
const choices = {
  url: "https://example.com/hook",
  events: ["channel_occupied"] as const,
  headers: {},
  filters: { prefix: [], suffix: [], glob: [] },
  isBatching: false,
  isEnabled: true,
};

/** The actions of one node on the database. */
interface OneNode {
  readonly apps: KyselyAppStore;
  readonly webhookStore: KyselyWebhookStore;
  readonly audit: KyselyAuditLog;
  readonly inOneTransaction: InOneTransaction;
  readonly addApp: AddApp;
  readonly seedApp: SeedApp;
  readonly updateApp: UpdateApp;
  readonly deleteApp: DeleteApp;
  readonly webhooks: ManageWebhooks;
}

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let node: OneNode;

  beforeEach(async () => {
    opened = await open();
    node = await startNode(opened.db);
  });

  async function startNode(db: Database): Promise<OneNode> {
    const clock = new FakeClock();
    const keys = await unlockDataKeys(db, { value: null, dataDir: opened.dataDir }, clock.now());
    const auditKey = new AuditKey(db, keys);
    const inOneTransaction = createInOneTransaction(db, { keys, auditKey }, clock);
    const apps = new KyselyAppStore(db, keys);
    const webhookStore = new KyselyWebhookStore(db, keys);
    const { bus } = memoryCluster(clock);
    const installApp = createInstallApp(apps, new AppRegistry(clock), hubOver(), bus);
    const changeApp = createChangeApp(apps, inOneTransaction, installApp);
    const addApp = createAddApp(inOneTransaction, installApp, clock);
    return {
      apps,
      webhookStore,
      inOneTransaction,
      audit: new KyselyAuditLog(db, auditKey, clock),
      addApp,
      seedApp: createSeedApp(apps, addApp, changeApp, clock),
      updateApp: createUpdateApp(changeApp),
      deleteApp: createDeleteApp(inOneTransaction, installApp),
      webhooks: createManageWebhooks(webhookStore, inOneTransaction, control, clock),
    };
  }

  /** All tables that a change can touch, except the audit log. */
  async function everything() {
    const { db } = opened;
    return {
      apps: (await node.apps.list()).map((app) => ({ ...app, secret: activeSecret(app).value })),
      webhooks: await node.webhookStore.list(),
      tokens: await db.selectFrom("apiTokens").selectAll().execute(),
    };
  }

  test("a change that cannot be recorded in the audit log is not made, and a refused one is not recorded", async () => {
    const { db } = opened;
    await node.addApp(somebody, { id: "1" });
    const { id } = await node.webhooks.create("1", somebody, choices);
    const before = await everything();
    const { sequence } = await node.audit.head();
    const changes: readonly (() => Promise<unknown>)[] = [
      () => node.addApp(somebody, { id: "2" }),
      () => node.updateApp("1", somebody, { name: "Another" }),
      () => node.webhooks.create("1", somebody, choices),
      () => node.webhooks.change("1", somebody, id, { isEnabled: false }),
      () => node.webhooks.delete("1", somebody, id),
      () => node.deleteApp("1", somebody),
    ];

    await db.schema.alterTable("auditHead").renameTo("auditHeadAway").execute();
    for (const change of changes) await expect(change()).rejects.toThrow();
    await db.schema.alterTable("auditHeadAway").renameTo("auditHead").execute();
    expect(await everything()).toEqual(before);

    await expect(node.addApp(somebody, { id: "1" })).rejects.toThrow("already exists");
    await expect(node.deleteApp("2", somebody)).rejects.toThrow("There is no app 2");
    await expect(node.webhooks.delete("1", somebody, "wh_none")).rejects.toThrow("has no webhook");
    expect((await node.audit.head()).sequence).toBe(sequence);

    for (const change of changes) await change();
    expect((await node.audit.query({}, 6, null)).map(({ action }) => action).reverse()).toEqual([
      "app.create",
      "app.update",
      "webhook.create",
      "webhook.update",
      "webhook.delete",
      "app.delete",
    ]);
  });

  test("nodes that change apps and webhooks concurrently neither block each other nor break the chain", async () => {
    const connections = await Promise.all([1, 2, 3].map(() => opened.openAgain()));
    const nodes = await Promise.all(connections.map(startNode));
    await Promise.all(
      nodes.map(async ({ addApp, updateApp, webhooks, audit }, index) => {
        const app: AppRecord = await addApp(somebody, { name: `App ${index}` });
        for (const name of ["first", "second", "third"]) {
          await updateApp(app.id, somebody, { name });
          await webhooks.create(app.id, somebody, choices);
          await audit.append({ ...reveal, appId: app.id });
        }
      }),
    );
    expect(await node.audit.verify(null)).toMatchObject({ rowsChecked: 30, broken: null });
  }, 60_000);

  test.each([
    ["a first app", null],
    ["the configured app", { id: "1", key: "key-of-app-1", secret: "the secret of the environment" }],
  ])(
    "of concurrently starting nodes, one creates %s",
    async (_, wanted) => {
      const connections = await Promise.all([1, 2, 3].map(() => opened.openAgain()));
      const nodes = await Promise.all(connections.map(startNode));
      startTogether(nodes);
      const seeded = await Promise.all(nodes.map(({ seedApp }) => seedApp(wanted)));
      expect(seeded.map(({ outcome }) => outcome).sort()).toEqual(["created", "unchanged", "unchanged"]);
      expect(await node.apps.list()).toHaveLength(1);
      expect((await node.audit.query({}, 6, null)).map(({ action }) => action)).toEqual(["app.create"]);
    },
    60_000,
  );
});

/** No node creates an app before all have looked for one. A node that looks later finds the other's app. */
function startTogether(nodes: readonly OneNode[]): void {
  const allLooked = Promise.withResolvers<void>();
  let looking = nodes.length;
  const withOthers = async <Found>(found: Found): Promise<Found> => {
    looking -= 1;
    if (looking === 0) allLooked.resolve();
    await allLooked.promise;
    return found;
  };
  for (const { apps } of nodes) {
    const [list, find] = [apps.list.bind(apps), apps.find.bind(apps)];
    apps.list = async () => withOthers(await list());
    apps.find = async (appId) => withOthers(await find(appId));
  }
}

const reveal = {
  actorKind: "person",
  actorId: "p1",
  actor: "ada@example.com",
  address: null,
  action: "secret.reveal",
  target: "secret 1",
  before: null,
  after: null,
} as const;
