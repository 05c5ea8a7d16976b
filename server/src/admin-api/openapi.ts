/** Generates the OpenAPI 3.1 document from the schemas that validate requests. */
import { z } from "zod";
import { problem } from "./contracts/common.ts";
import { liveEvents } from "./contracts/live.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PeopleEndpoint } from "./people/people-endpoints.ts";

/** Either cookie: its name depends on whether browsers use TLS. */
const sessionCookies = [{ session: [] }, { sessionOverTls: [] }] as const;

const problemAnswer = {
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
} as const;

const refusals = {
  401: { name: "Unauthenticated", description: "The token or the session is missing or no longer valid" },
  403: {
    name: "Forbidden",
    description: "The caller may not do this, or a session sent no valid X-CSRF-Token",
  },
  404: { name: "NotFound", description: "There is nothing of this name, or the caller may not see it" },
  429: { name: "TooManyRequests", description: "Too many attempts: Retry-After has the seconds to wait" },
} as const;

type Json = { readonly [key: string]: unknown };

export function openApiDocument(
  table: Readonly<Record<string, Endpoint | PeopleEndpoint>>,
  version: string,
): Json {
  const schemas = new NamedSchemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [operationId, endpoint] of Object.entries(table)) {
    const operations = paths[endpoint.path] ?? {};
    paths[endpoint.path] = { ...operations, [endpoint.method]: operation(operationId, endpoint, schemas) };
  }
  schemas.jsonSchema(problem, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "Soketify admin API",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "Times are ISO 8601 text in UTC, durations milliseconds. Lists are paginated with an opaque cursor. Texts in requests must not contain the " +
        "character NUL: such a request gets 400.",
    },
    // Relative to this document, so it works with any path prefix.
    servers: [{ url: "../v1" }],
    security: [{ bearer: [] }, ...sessionCookies],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        session: sessionCookie("soketify.session_token", "Without TLS"),
        sessionOverTls: sessionCookie("__Host-soketify.session_token", "Over TLS"),
      },
      schemas: schemas.components,
      responses: {
        Problem: { description: "Why the request failed; `code` is stable", ...problemAnswer },
        HeadersTooLarge: { description: "The URL and the headers have more than 16 KiB. There is no body" },
        ...Object.fromEntries(
          Object.values(refusals).map(({ name, description }) => [name, { description, ...problemAnswer }]),
        ),
      },
    },
  };
}

/** Converts schemas, and collects those with a name (see `nameSchemas`). */
class NamedSchemas {
  readonly #components = new Map<string, Json>();

  get components(): Json {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
    const text = JSON.stringify(z.toJSONSchema(schema, { io })).replaceAll(
      "#/$defs/",
      "#/components/schemas/",
    );
    const { $schema: _, $defs = {}, ...rest } = JSON.parse(text);
    for (const [name, definition] of Object.entries<Json>($defs)) {
      const known = this.#components.get(name);
      if (known !== undefined && !Bun.deepEquals(known, definition))
        throw new Error(`Requests and answers need different schemas, but both are named ${name}`);
      this.#components.set(name, definition);
    }
    return rest;
  }
}

function operation(operationId: string, endpoint: Endpoint | PeopleEndpoint, schemas: NamedSchemas): Json {
  const { summary, path, query, body, refused, answer, status = 200 } = endpoint;
  return {
    operationId,
    summary,
    ...("access" in endpoint ? accessOf(endpoint.access) : permissionOf(endpoint.permission)),
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query, schemas))],
    ...(body === undefined ? {} : { requestBody: requestBody(body, schemas) }),
    responses: {
      [status]:
        answer === null
          ? { description: "Done" }
          : { description: summary, content: content(answer, schemas) },
      ...(refused === undefined ? {} : { 400: { ...problemAnswer, description: refused } }),
      ...refusalsOf(endpoint),
      431: { $ref: "#/components/responses/HeadersTooLarge" },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** The refusals that do not depend on the query or the body. The default answer describes all others. */
function refusalsOf(endpoint: Endpoint | PeopleEndpoint): Json {
  const statuses = [
    ...("access" in endpoint && endpoint.access === "anyone" ? [] : ([401, 403] as const)),
    ...(endpoint.path.includes("{") ? ([404] as const) : []),
    ...("refusals" in endpoint ? (endpoint.refusals ?? []) : []),
  ];
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${refusals[status].name}` }]),
  );
}

function sessionCookie(name: string, when: string): Json {
  const description = `${when}. Requests that change something send X-CSRF-Token too: see \`GET /session\``;
  return { type: "apiKey", in: "cookie", name, description };
}

function permissionOf(permission: string | null): Json {
  return permission === null ? {} : { description: `Permission: \`${permission}\`` };
}

function accessOf(access: PeopleEndpoint["access"]): Json {
  switch (access) {
    case "anyone":
      return { security: [] };
    case "session":
      return { security: sessionCookies };
    case "people.manage":
      return permissionOf(access);
    default:
      throw access satisfies never;
  }
}

function content(answer: NonNullable<Endpoint["answer"]>, schemas: NamedSchemas): Json {
  switch (answer) {
    case "application/x-ndjson":
      return { [answer]: { schema: { type: "string" } } };
    case "text/event-stream":
      return { [answer]: { schema: eventSchema(schemas) } };
    default:
      return { "application/json": { schema: schemas.jsonSchema(answer, "output") } };
  }
}

/** OpenAPI 3.1 describes no streams. Tools that read them apply the schema to each event. */
function eventSchema(schemas: NamedSchemas): Json {
  const eventOf = ([name, data]: [string, z.ZodType]) => ({
    type: "object",
    properties: {
      event: { const: name },
      id: { type: "string" },
      data: {
        type: "string",
        contentMediaType: "application/json",
        contentSchema: schemas.jsonSchema(data, "output"),
      },
    },
    required: ["event", "data"],
  });
  return { description: "One event of the stream", oneOf: Object.entries(liveEvents).map(eventOf) };
}

/** A missing body counts as an empty object. */
function requestBody(body: z.ZodType, schemas: NamedSchemas): Json {
  return {
    required: !body.safeParse({}).success,
    content: { "application/json": { schema: schemas.jsonSchema(body, "input") } },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodType, schemas: NamedSchemas): Json[] {
  const { properties = {}, required = [] } = schemas.jsonSchema(query, "input") as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}
