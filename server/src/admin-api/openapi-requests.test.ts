/** Requests that fit the OpenAPI document are not refused, or the operation says why they may be. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type PeopleApiUnderTest, peopleApiForEachTest } from "../../test/support/people-api.ts";
import { type Schemas, type ValueSchema, valuesOf } from "../../test/support/schema-values.ts";
import { endpoints } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";
import { peopleEndpoints } from "./people/people-endpoints.ts";

interface Operation {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly required: boolean;
    readonly schema: ValueSchema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: ValueSchema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApiDocument({ ...endpoints, ...peopleEndpoints }, "1.0.0") as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Schemas };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
  ),
);
const { schemas } = document.components;

/** Depend on the state of the server or the caller, not on the form of the request. */
const anyRequest = [401, 403, 404, 409, 429, 503];

let server: PeopleApiUnderTest;
peopleApiForEachTest((started) => {
  server = started;
});

function requestsOf(operation: Operation) {
  const query = operation.parameters.filter((one) => one.in === "query");
  const body = operation.requestBody?.content["application/json"]?.schema;
  return fc.record({
    query: fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, valuesOf(schema, schemas)])), {
      requiredKeys: query.filter(({ required }) => required).map(({ name }) => name),
    }),
    body: body === undefined ? fc.constant(undefined) : valuesOf(body, schemas),
  });
}

test.each(operations)("%s accepts what its schemas allow, or lists 400", async (name, operation) => {
  const [method = "", path = ""] = name.split(" ");
  const owner = await server.owner();
  await server.admin.call("createApp", { body: { id: "1", key: "key-of-app-1" } });
  const webhook = { url: "https://example.com/hook", events: ["channel_occupied" as const] };
  const made = await server.admin.call("createWebhook", { params: { appId: "1" }, body: webhook });
  const ids: Record<string, string> = {
    appId: "1",
    webhookId: made.webhook.id,
    channel: "room",
    socketId: "1.1",
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => ids[key] ?? "unknown");
  const accepted = [...Object.keys(operation.responses).map(Number), ...anyRequest];
  await fc.assert(
    fc.asyncProperty(requestsOf(operation), async ({ query, body }) => {
      const search = new URLSearchParams(query as Record<string, string>);
      const answer = await owner.send(method, `${filled}?${search}`, body);
      const why = accepted.includes(answer.status) ? "" : await answer.text();
      await answer.body?.cancel();
      expect([name, why]).toEqual([name, ""]);
    }),
    { numRuns: 25 },
  );
});

const bodyOf = (path: string, method: string): ValueSchema =>
  document.paths[path]?.[method]?.requestBody?.content["application/json"]?.schema ?? {};

test.each([
  ["/apps/{appId}/webhooks", "post"],
  ["/apps/{appId}/webhooks/{webhookId}", "patch"],
])("a webhook needs a URL and an event, and %s %s says so", async (path, method) => {
  expect(bodyOf(path, method).properties).toMatchObject({
    url: { format: "uri", minLength: 1, maxLength: 2_000 },
    events: { minItems: 1 },
  });
  await server.admin.call("createApp", { body: { id: "1", key: "key-of-app-1" } });
  const details = [{ url: "" }, { events: [] }].map(async (wrong) => {
    const body = { url: "https://example.com/hook", events: ["channel_occupied" as const], ...wrong };
    const { detail } = await server.admin.refusal("createWebhook", { params: { appId: "1" }, body });
    return detail;
  });
  expect(await Promise.all(details)).toEqual([
    "url: The URL is not valid: it must look like https://example.com/hook",
    "events: Choose at least one event",
  ]);
});

test("the document says which channel and event names can be published", () => {
  const { channels, name } = bodyOf("/apps/{appId}/events", "post").properties ?? {};
  const channel = new RegExp(channels?.items?.pattern ?? "");
  const names = ["room", "#server-to-user-7", "a room", "room\n", "#server-to-user-", "#other"];
  expect(names.filter((one) => channel.test(one))).toEqual(["room", "#server-to-user-7"]);
  const event = new RegExp(name?.pattern ?? "");
  expect(["said", "client-said", "pusher:said"].filter((one) => event.test(one))).toEqual(["said"]);
});

test("the document says which cursors and audit heads can be valid", () => {
  const pattern = (path: string, name: string) =>
    new RegExp(document.paths[path]?.get?.parameters.find((one) => one.name === name)?.schema.pattern ?? "");
  expect(["MTI_-w", "a b", "="].filter((one) => pattern("/board", "cursor").test(one))).toEqual(["MTI_-w"]);
  const heads = [`12:${"a".repeat(64)}`, "12:a", "0"];
  expect(heads.filter((one) => pattern("/audit/verify", "expect").test(one))).toEqual([heads[0] ?? ""]);
});
