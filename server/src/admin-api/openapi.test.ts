import { expect, test } from "bun:test";
import { PeopleApiUnderTest } from "../../test/support/people-api.ts";
import { ByteBudget } from "../core/limits/byte-budget.ts";
import { LiveStream } from "../live/live-stream.ts";
import { liveEvents } from "./contracts/live.ts";
import { inviteBody } from "./contracts/people.ts";
import { endpoints } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";
import { peopleEndpoints } from "./people/people-endpoints.ts";

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

const document = openApiDocument({ ...endpoints, ...peopleEndpoints }, "1.0.0") as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

test.each(["http://soketify.test", "https://soketify.test"])(
  "the document names the cookie of a browser at %s",
  async (url) => {
    const server = await PeopleApiUnderTest.start(url);
    const { cookies } = await server.owner();
    await server.remove();
    const { components } = openApiDocument({}, "1.0.0") as {
      components: { securitySchemes: Record<string, { name?: string }> };
    };
    const named = Object.values(components.securitySchemes).map(({ name }) => name);
    const session = [...cookies.keys()].filter((name) => name.endsWith("session_token"));
    expect(session).toHaveLength(1);
    expect(named).toContain(session[0]);
  },
);

test("an operation names the refusals that follow from its access and its path", () => {
  const statuses = (path: string, method: string) =>
    Object.keys(document.paths[path]?.[method]?.responses ?? {}).filter((status) => /^4/.test(status));
  expect(statuses("/apps", "get")).toEqual(["401", "403", "431"]);
  expect(statuses("/apps/{appId}", "get")).toEqual(["401", "403", "404", "431"]);
  expect(statuses("/session", "post")).toEqual(["401", "429", "431"]);
  expect(statuses("/session", "get")).toEqual(["431"]);
});

test("the document describes each event of the live feed", async () => {
  const stream = new LiveStream(
    "1",
    () => true,
    new ByteBudget({ perApp: 1_000, inAll: 1_000 }),
    () => undefined,
  );
  const entry = {
    id: "a-1",
    at: "2026-11-28T10:00:00.000Z",
    type: "channel_occupied",
    channel: "room",
    node: null,
    revision: 1,
  } as const;
  stream.gap({ dropped: 3, reason: "slow" });
  stream.entry(entry, JSON.stringify(entry));
  stream.position("a-1", 0);
  stream.end();
  const text = await new Response(stream.readable).text();
  const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)];
  expect(events.map(([, name]) => name)).toEqual(["gap", "activity", "position", "end"]);
  for (const [, name = "", data = ""] of events)
    expect(liveEvents[name as keyof typeof liveEvents].safeParse(JSON.parse(data)).error).toBeUndefined();

  const content = document.paths["/apps/{appId}/live"]?.get?.responses["200"]?.content ?? {};
  expect(content["text/event-stream"]).toMatchObject({
    schema: { oneOf: Object.keys(liveEvents).map((name) => ({ properties: { event: { const: name } } })) },
  });
});

test("an invitation needs an address that mail servers accept", () => {
  const accepts = (email: string) => inviteBody.safeParse({ email, role: "viewer", appIds: [] }).success;
  expect(accepts(`${"a".repeat(64)}@example.com`)).toBe(true);
  expect(accepts(`${"a".repeat(65)}@example.com`)).toBe(false);
});
