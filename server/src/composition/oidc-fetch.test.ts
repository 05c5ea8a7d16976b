import { afterEach, expect, test } from "bun:test";
import type { CustomFetchOptions } from "openid-client";
import { type Resolve, TargetGuard } from "../webhooks/target-guard.ts";
import { createOidcFetch } from "./oidc-fetch.ts";

const issuer = "http://login.test:8080/realms/staff";
const get: CustomFetchOptions = {
  method: "GET",
  headers: { accept: "application/json" },
  body: undefined,
  redirect: "manual",
};
const servers: Bun.Server<undefined>[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

test("a host other than the issuer's is refused at an internal address, and nothing is sent", async () => {
  const asked: string[] = [];
  const { port } = serve((request) => {
    asked.push(request.url);
    return new Response("{}");
  });
  const fetchTo = createOidcFetch(issuer, guardOf([]));
  for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "keys.test", "login.test.keys.test"])
    await expect(fetchTo(`http://${host}:${port}/keys`, get)).rejects.toThrow(
      "which is not a public address: start the server with SOKETIFY_WEBHOOK_ALLOW=",
    );
  expect(asked).toEqual([]);
});

test("a network allowed for webhooks is allowed, and the request arrives unchanged", async () => {
  const bodies: string[] = [];
  const { port } = serve(async (request) => {
    bodies.push(`${request.method} ${request.headers.get("x-own")} ${await request.text()}`);
    return Response.json({ keys: [] }, { status: 201 });
  });
  const fetchTo = createOidcFetch(issuer, guardOf(["127.0.0.0/8"]));
  const body = new URLSearchParams({ code: "1" });
  const answer = await fetchTo(`http://keys.test:${port}/token`, {
    ...get,
    method: "POST",
    headers: { "x-own": "yes" },
    body,
  });
  expect([answer.status, await answer.json()]).toEqual([201, { keys: [] }]);
  expect(bodies).toEqual(["POST yes code=1"]);
});

test("the configured issuer's host may have any address", async () => {
  const { port } = serve(() => new Response("here"));
  const fetchTo = createOidcFetch(`http://127.0.0.1:${port}`, guardOf([]));
  expect(await (await fetchTo(`http://127.0.0.1:${port}/keys`, get)).text()).toBe("here");
});

test("a redirect is not followed, and an endless answer is aborted", async () => {
  const { port } = serve((request) =>
    request.url.endsWith("/away")
      ? Response.redirect("http://127.0.0.1:1/")
      : new Response("a".repeat(2_000_000)),
  );
  const fetchTo = createOidcFetch(issuer, guardOf(["127.0.0.0/8"]));
  expect((await fetchTo(`http://keys.test:${port}/away`, get)).status).toBe(302);
  await expect(fetchTo(`http://keys.test:${port}/keys`, get)).rejects.toThrow("more than 1048576 bytes");
});

function guardOf(allow: readonly string[]): TargetGuard {
  const resolve: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  return new TargetGuard({ allow, isHttpAllowed: true }, resolve);
}

function serve(fetchFrom: (request: Request) => Response | Promise<Response>) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: fetchFrom });
  servers.push(server);
  return server;
}
