/** Each example that authorizes channels, with the stock client. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningExample, startExample } from "../support/start-example.ts";
import { within } from "../support/until.ts";
import { listen, subscribe, useServer } from "../support/use-server.ts";

const stage = useServer();

describe.each([
  { name: "auth-express", program: "node" },
  { name: "auth-hono", program: process.execPath },
])("the example $name", ({ name, program }) => {
  let example: RunningExample | null = null;

  beforeAll(async () => {
    example = await startExample(stage.server, name, program, "server.js");
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
