import { expect, test } from "bun:test";
import { PeopleApiUnderTest } from "../../test/support/people-api.ts";
import { openApiDocument } from "./openapi.ts";

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
