/** Each example that authorizes channels, with the stock client. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exampleEnv, examples, type RunningExample, startExample } from "../support/start-example.ts";
import type { RunningServer } from "../support/start-server.ts";
import { within } from "../support/until.ts";
import { listen, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer();

interface RouteFile {
  POST(request: Request): Promise<Response>;
}

type Start = (server: RunningServer) => Promise<RunningExample>;

const backends: readonly { readonly name: string; readonly start: Start }[] = [
  { name: "auth-express", start: (server) => startExample(server, "auth-express", "node", "server.js") },
  { name: "auth-hono", start: (server) => startExample(server, "auth-hono", process.execPath, "server.js") },
  {
    name: "php",
    start: (server) =>
      startExample(server, "php", "sh", "-c", "exec php -S 127.0.0.1:$PORT server.php 2>/dev/null"),
  },
  { name: "next", start: serveRouteHandlers },
];

/** Next.js itself is not installed: its route handlers are functions of standard requests. */
async function serveRouteHandlers(server: RunningServer): Promise<RunningExample> {
  const given = exampleEnv(server);
  Object.assign(process.env, given);
  const handlers = `${examples}/next/app/pusher`;
  const auth: RouteFile = await import(`${handlers}/auth/route.js`);
  const userAuth: RouteFile = await import(`${handlers}/user-auth/route.js`);
  const site = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: { "/pusher/auth": { POST: auth.POST }, "/pusher/user-auth": { POST: userAuth.POST } },
    fetch: () => new Response(null, { status: 404 }),
  });
  return {
    url: site.url.origin,
    async stop() {
      await site.stop(true);
      for (const name of Object.keys(given)) delete process.env[name];
    },
  };
}

describe.each(backends)("the example $name", ({ start }) => {
  let example: RunningExample | null = null;

  beforeAll(async () => {
    example = await start(stage.server);
  });

  afterAll(() => example?.stop());

  function clientOf(user: string) {
    const asks = { transport: "ajax" as const, headers: { Authorization: `Bearer token-of-${user}` } };
    return stage.pusherJs(
      {},
      {
        channelAuthorization: { ...asks, endpoint: `${example?.url}/pusher/auth` },
        userAuthentication: { ...asks, endpoint: `${example?.url}/pusher/user-auth` },
      },
    );
  }

  test("admits both users to the room, and lists its members to each", async () => {
    const ada = await clientOf("ada");
    const { received } = await subscribe(ada, "presence-room");
    const bo = await clientOf("bo");
    const { answer } = await subscribe(bo, "presence-room");
    expect(answer).toMatchObject({ count: 2, members: { ada: { name: "Ada" }, bo: { name: "Bo" } } });
    expect((await received.next("the news of Bo")).event).toBe("pusher:member_added");
  });

  test("admits a user only to their own inbox", async () => {
    const ada = await clientOf("ada");
    await subscribe(ada, "private-inbox-ada");
    const refused = await listen(ada.subscribe("private-inbox-bo")).next("the refusal");
    expect(refused).toMatchObject({ event: "pusher:subscription_error", data: { status: 403 } });
  });

  test("signs in a user", async () => {
    const bo = await clientOf("bo");
    const success = new Promise((resolve) => bo.bind("pusher:signin_success", resolve));
    bo.signin();
    const { user_data: userData } = (await within("the sign-in", success)) as { user_data: string };
    expect(JSON.parse(userData)).toEqual({ id: "bo", user_info: { name: "Bo" } });
  });

  test("refuses a stranger", async () => {
    const response = await fetch(`${example?.url}/pusher/auth`, {
      method: "POST",
      body: new URLSearchParams({ socket_id: "1.1", channel_name: "presence-room" }),
    });
    expect(response.status).toBe(403);
  });
});
