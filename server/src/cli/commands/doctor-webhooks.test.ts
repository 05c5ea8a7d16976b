import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { load } from "../../../test/support/given-config.ts";
import type { AdminClient } from "../admin-client.ts";
import { checkWebhooks } from "./doctor-webhooks.ts";

let receiver: Server;
let port: number;

beforeAll(async () => {
  receiver = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => receiver.listen(0, "0.0.0.0", resolve));
  ({ port } = receiver.address() as { port: number });
});
afterAll(() => receiver.close());

/** A server with one app, whose webhooks have these URLs. */
function serverWith(urls: readonly string[]): AdminClient {
  const answers: Record<string, object> = {
    "GET /apps": { apps: [{ id: "1" }], nextCursor: null },
    "GET /apps/{appId}/webhooks": { webhooks: urls.map((url) => ({ url, enabled: true })) },
    "GET /localhost-webhooks": { isAllowed: false },
  };
  return { call: async (name: string) => answers[name] } as unknown as AdminClient;
}

function receivers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `http://127.0.0.${index + 1}:${port}/hook`);
}

function check(urls: readonly string[]) {
  return checkWebhooks(load({ env: { SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" } }).config, serverWith(urls));
}

test("each receiver is tried once, whatever the number of its webhooks", async () => {
  const url = `http://127.0.0.1:${port}`;
  expect(await check([`${url}/a`, `${url}/b`])).toMatchObject({
    isWell: true,
    detail: "1 receiver can be reached",
  });
});

test("of more than 50 receivers it tries 50, and says how many it did not try", async () => {
  expect(await check(receivers(50))).toMatchObject({ isWell: true, detail: "50 receivers can be reached" });
  expect(await check(receivers(53))).toMatchObject({
    isWell: true,
    detail: "50 receivers can be reached; 3 more were not tried",
  });
});

test("a problem does not hide that some receivers were not tried", async () => {
  const wrong = "http://10.0.0.1/hook";
  const { isWell, detail } = await check([wrong, ...receivers(51)]);
  expect(isWell).toBe(false);
  expect(detail).toContain("10.0.0.1");
  expect(detail).toEndWith("; 2 more were not tried");
});
