import { beforeEach, describe, expect, test } from "bun:test";
import { MemoryAppStore } from "../../test/support/fakes/memory-app-store.ts";
import { credentials, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";
import { SingleNodeBus } from "../cluster/single-node-bus.ts";
import { type AppRecord, activeSecret } from "../core/apps/app.ts";
import { newApp, newSecret } from "../core/apps/new-app.ts";
import type { ClusterMessage } from "../core/ports/cluster-message.ts";
import { createInstallApp, type InstallApp } from "../management/install-app.ts";
import { createCloseDistrusted } from "./close-distrusted.ts";
import { createHandleClusterMessage } from "./handle-cluster-message.ts";

/** A store that answers when the test releases it, like the database of a node that reloads late. */
class LateStore extends MemoryAppStore {
  readonly #gate = Promise.withResolvers<void>();

  answer(): void {
    this.#gate.resolve();
  }

  override async find(appId: string): Promise<AppRecord | null> {
    await this.#gate.promise;
    return super.find(appId);
  }
}

const before = newApp({ ...credentials }, "somebody", 0);
const old = activeSecret(before);
const rotated: AppRecord = {
  ...before,
  revision: before.revision + 1,
  secrets: [newSecret("active", "somebody", 1, "the new secret"), { ...old, state: "revoked" }],
};

let stage: Stage;
let store: LateStore;
let install: InstallApp;
let reloads: Promise<void>[];
/** @param sentAtMs now, if it is left out */
let receive: (message: ClusterMessage, sentAtMs?: number) => void;
let accessChecks: number;
let tried: string[];

beforeEach(() => start(rotated));

function start(stored: AppRecord | null): void {
  stage = startProtocol();
  stage.registry.replace(before);
  store = new LateStore(stored === null ? [] : [stored]);
  const { registry, hub, stack } = stage;
  const bus = new SingleNodeBus();
  install = createInstallApp(store, registry, hub, bus);
  reloads = [];
  accessChecks = 0;
  tried = [];
  const handle = createHandleClusterMessage(stack.terminateUser, {
    closeDistrusted: createCloseDistrusted(registry, hub, bus).here,
    recheckAccess: () => {
      accessChecks += 1;
    },
    tryWebhook: (webhookId) => void tried.push(webhookId),
  });
  receive = (message, sentAtMs = stage.clock.now()) => handle(message, sentAtMs);
}

/** Answers the question of another node. */
function reload(): void {
  reloads.push(install.reload("1"));
}

async function reloaded(): Promise<void> {
  store.answer();
  await Promise.all(reloads);
}

test("a user terminated on another node is closed here", async () => {
  const [ada, other] = [stage.connect(), stage.connect()];
  await ada.signIn({ id: "ada" });
  receive({ type: "terminate-user", appId: "1", userId: "ada" });
  expect([ada.socket.closed?.code, other.socket.closed]).toEqual([4009, null]);
});

test("a termination that arrives late closes only the connections that signed in before it was sent", async () => {
  const [before, openBefore, after] = [stage.connect(), stage.connect(), stage.connect()];
  await before.signIn({ id: "ada" });
  const sentAtMs = stage.clock.now();
  stage.clock.advance(1);
  await openBefore.signIn({ id: "ada" });
  stage.clock.advance(600_000);
  await after.signIn({ id: "ada" });
  receive({ type: "terminate-user", appId: "1", userId: "ada" }, sentAtMs);
  expect([before, openBefore, after].map(({ socket }) => socket.closed?.code)).toEqual([
    4009,
    undefined,
    undefined,
  ]);
});

test("a stored app is used here immediately, and installed once every other node has loaded it", async () => {
  const asked: object[] = [];
  const others = Promise.withResolvers<{ answers: never[]; silent: never[] }>();
  const bus = Object.assign(new SingleNodeBus(), {
    ask: (question: object) => {
      asked.push(question);
      return others.promise;
    },
  });
  const installed = createInstallApp(store, stage.registry, stage.hub, bus)(rotated);
  expect(stage.registry.byId("1")?.revision).toBe(rotated.revision);
  expect(asked).toEqual([{ type: "reload-app", appId: "1" }]);
  let isDone = false;
  void installed.then(() => {
    isDone = true;
  });
  await Promise.resolve();
  expect(isDone).toBe(false);
  others.resolve({ answers: [], silent: [] });
  await installed;
});

test("an app changed on another node is loaded again, and a deleted one closes its connections", async () => {
  reload();
  await reloaded();
  expect(stage.registry.byId("1")?.revision).toBe(rotated.revision);
  start(null);
  const client = stage.connect();
  reload();
  await reloaded();
  expect(client.socket.closed?.code).toBe(4001);
});

describe("closing the connections of a revoked secret", () => {
  const closeOld: ClusterMessage = { type: "close-distrusted", appId: "1", secretId: old.id };
  const closeSigned = () => receive(closeOld);

  test.each([
    ["after", [reload, closeSigned]],
    ["before", [closeSigned, reload]],
  ])(
    "a node that receives the message %s the change closes them after it has reloaded",
    async (_when, steps) => {
      const [victim, reader] = [stage.connect(), stage.connect()];
      await victim.subscribe("private-a");
      await reader.subscribe("news");
      for (const step of steps) step();
      expect(victim.socket.closed).toBeNull();
      const early = stage.connect();
      await early.signIn({ id: "ada" });
      await reloaded();
      expect([victim, early, reader].map(({ socket }) => socket.closed?.code)).toEqual([
        4200,
        4200,
        undefined,
      ]);
      const again = stage.connect();
      await again.subscribe("private-a");
      expect(again.connection.subscriptions.size()).toBe(0);
    },
  );

  test("a node that could not load the change closes them when it loads it later", async () => {
    const victim = stage.connect();
    await victim.subscribe("private-a");
    receive(closeOld);
    install.here({ ...before, name: "another change" });
    expect(victim.socket.closed).toBeNull();
    install.here(rotated);
    expect(victim.socket.closed?.code).toBe(4200);
  });

  test("a node that has loaded the change closes them immediately, and none of another secret", async () => {
    const victim = stage.connect();
    await victim.subscribe("private-a");
    install.here(rotated);
    receive({ ...closeOld, secretId: "another" });
    expect(victim.socket.closed).toBeNull();
    receive(closeOld);
    expect(victim.socket.closed?.code).toBe(4200);
  });

  test("a connection that is being subscribed with that secret is closed, too", async () => {
    const { roster } = stage;
    const joining = Promise.withResolvers<void>();
    const join = roster.join.bind(roster);
    roster.join = (...args) => joining.promise.then(() => join(...args));
    const victim = stage.connect();
    victim.sendNow(victim.subscription("private-a"));
    install.here(rotated);
    receive(closeOld);
    joining.resolve();
    await victim.settled();
    expect(victim.socket.closed?.code).toBe(4200);
  });
});

test("a change of access on another node is checked here", () => {
  receive({ type: "access-changed" });
  expect(accessChecks).toBe(1);
});

test("a webhook that a person changed on another node is tried here", () => {
  receive({ type: "try-webhook", webhookId: "w1" });
  expect(tried).toEqual(["w1"]);
});
