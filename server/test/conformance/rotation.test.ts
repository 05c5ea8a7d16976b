/**
 * A secret is rotated on a running server while two backends, one on the old and one on the new secret, keep working.
 */
import { expect, test } from "bun:test";
import { startAuthEndpoint } from "../support/auth-endpoint.ts";
import { until } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";

interface Rotated {
  readonly secret: { readonly value: string };
}

interface Listed {
  readonly secrets: readonly { readonly id: string; readonly state: string }[];
}

const stage = useServer({ isShared: true });

test("no request is refused during rotate, deploy and activate, and every old one is refused afterwards", async () => {
  const oldBackend = new Backend(await activeSecret());
  await oldBackend.work("before the rotation");

  const newBackend = new Backend((await rotate()).value);
  await oldBackend.work("on the old secret, while the new one is pending");
  await newBackend.work("on the new secret, while it is pending");

  expect(await activate({})).toMatchObject({ status: 409, code: "secret_in_use" });
  expect(await activate({ force: true })).toMatchObject({ status: 200 });
  await newBackend.work("on the new secret, once it is active");
  await expect(oldBackend.publish()).rejects.toMatchObject({ status: 401 });
  await expect(oldBackend.authorize("on the old secret, once it is revoked")).rejects.toThrow("failed");
});

test("two backends that publish continuously lose nothing during a rotation", async () => {
  const oldOnes = keepPublishing(new Backend(await activeSecret()));
  await oldOnes.publishedMore();
  const newOnes = keepPublishing(new Backend((await rotate()).value));
  await Promise.all([oldOnes.publishedMore(), newOnes.publishedMore()]);
  const acceptedBefore = oldOnes.statuses.length;
  await activate({ force: true });
  // One request may have been in progress when the old secret was revoked.
  const refusedAfter = oldOnes.statuses.length + 1;
  await Promise.all([oldOnes.publishedMore(), newOnes.publishedMore()]);
  await Promise.all([oldOnes.stop(), newOnes.stop()]);

  expect(new Set(newOnes.statuses)).toEqual(new Set([200]));
  expect(new Set(oldOnes.statuses.slice(0, acceptedBefore))).toEqual(new Set([200]));
  expect(new Set(oldOnes.statuses.slice(refusedAfter))).toEqual(new Set([401]));
});

test("a rotation in one step closes the connections that the old secret authorized", async () => {
  const client = await stage.raw();
  const bystander = await stage.raw();
  const auth = stage.backend(await activeSecret()).authorizeChannel(client.socketId, "private-a");
  await client.subscribe("private-a", auth);
  await bystander.subscribe("public-a");
  await rotate({ activate: true, closeConnections: true });
  expect((await client.waitForClose()).code).toBe(4200);
  await bystander.subscribe("public-b");
});

test("a cancelled secret is refused, and the active one remains valid", async () => {
  const cancelled = new Backend((await rotate()).value);
  await cancelled.publish();
  await stage.server.admin("POST", `${secretsPath()}/cancel`);
  await expect(cancelled.publish()).rejects.toMatchObject({ status: 401 });
  await new Backend(await activeSecret()).work("after the cancellation");
});

/** A user's backend: publishes events, and authorizes the channels of clients. */
class Backend {
  readonly #pusher;

  constructor(secret: string) {
    this.#pusher = stage.backend(secret);
  }

  async publish(): Promise<number> {
    return (await this.#pusher.trigger("private-news", "news", { at: 1 })).status;
  }

  /** Authorizes a client for a private channel, and checks that it receives an event there. */
  async authorize(when: string): Promise<void> {
    const endpoint = startAuthEndpoint(this.#pusher, this.#pusher);
    try {
      const channelAuthorization = { endpoint: `${endpoint.url}/pusher/auth`, transport: "ajax" as const };
      const client = await stage.pusherJs({}, { channelAuthorization });
      const { received } = await subscribe(client, "private-news");
      await stage.backend(await activeSecret()).trigger("private-news", when, {});
      await received.nextWhere(`the event ${when}`, ({ event }) => event === when);
      client.disconnect();
    } finally {
      await endpoint.stop();
    }
  }

  async work(when: string): Promise<void> {
    expect(await this.publish()).toBe(200);
    await this.authorize(when);
  }
}

function keepPublishing(backend: Backend) {
  const statuses: number[] = [];
  let isStopped = false;
  async function publishForever(): Promise<void> {
    while (!isStopped) statuses.push(await backend.publish().catch((error) => error.status as number));
  }
  const ended = publishForever();
  return {
    statuses,
    async publishedMore(): Promise<void> {
      const enough = statuses.length + 20;
      await until("twenty more requests", () => statuses.length >= enough);
    },
    stop(): Promise<void> {
      isStopped = true;
      return ended;
    },
  };
}

function secretsPath(): string {
  return `/apps/${stage.server.app.id}/secrets`;
}

async function rotate(body: object = {}): Promise<{ readonly value: string }> {
  return ((await stage.server.admin("POST", `${secretsPath()}/rotate`, body)) as Rotated).secret;
}

async function activeSecret(): Promise<string> {
  const { secrets } = (await stage.server.admin("GET", secretsPath())) as Listed;
  const active = secrets.find(({ state }) => state === "active");
  const revealed = await stage.server.admin("POST", `${secretsPath()}/${active?.id}/reveal`);
  return (revealed as { value: string }).value;
}

/** The status of an activation, and the code if it is refused. */
async function activate(body: { force?: boolean }): Promise<{ status: number; code?: string }> {
  const { httpUrl, adminToken } = stage.server;
  const answer = await fetch(`${httpUrl}/api/v1${secretsPath()}/activate`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { ...((await answer.json()) as object), status: answer.status };
}
