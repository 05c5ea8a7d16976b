import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../test/support/admin-api.ts";
import { endpoints } from "./endpoints.ts";

let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  await server.call("createApp", { body: { id: "1", key: "key-of-app-1" } });
});

test("the OpenAPI document names every endpoint", async () => {
  const response = await server.api.routes.request("/openapi.json");
  const document = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
    servers: { url: string }[];
  };
  expect(document.openapi).toBe("3.1.0");
  for (const { path, method } of Object.values(endpoints))
    expect(document.paths[path]).toHaveProperty(method);
  const [{ url } = { url: "" }] = document.servers;
  expect(new URL(url, "http://box/realtime/api/v1/openapi.json").pathname).toBe("/realtime/api/v1");
});

test("text with a NUL character is rejected in every body, path and query", async () => {
  const headers = {
    authorization: `Bearer ${await server.token(["admin"])}`,
    "content-type": "application/json",
  };
  const bodied = Object.values(endpoints).filter((one) => "body" in one);
  expect(bodied.length).toBeGreaterThan(5);
  for (const { method, path } of bodied) {
    const body = JSON.stringify({ name: "a\0b" });
    const url = path.replaceAll(/\{\w+\}/g, "1");
    const answer = await server.api.routes.request(url, { method: method.toUpperCase(), headers, body });
    expect([url, answer.status, await answer.json()]).toEqual([
      url,
      400,
      expect.objectContaining({ code: "invalid_request", detail: expect.stringContaining("NUL") }),
    ]);
  }
  for (const url of ["/audit?actor=a%00b", "/apps/1/webhooks/a%00b"]) {
    const answer = await server.api.routes.request(url, { headers });
    expect([url, answer.status]).toEqual([url, 400]);
  }
});
