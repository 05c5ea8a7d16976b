/** Generates the OpenAPI 3.1 document from the schemas that validate requests. */
import { z } from "zod";
import { problem } from "./contracts/common.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PeopleEndpoint } from "./people/people-endpoints.ts";

/** Either cookie: its name depends on whether browsers use TLS. */
const sessionCookies = [{ session: [] }, { sessionOverTls: [] }] as const;

type Json = { readonly [key: string]: unknown };

export function openApiDocument(
  table: Readonly<Record<string, Endpoint | PeopleEndpoint>>,
  version: string,
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [operationId, endpoint] of Object.entries(table)) {
    const operations = paths[endpoint.path] ?? {};
    paths[endpoint.path] = { ...operations, [endpoint.method]: operation(operationId, endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Soketify admin API",
      version,
      description: "Times are ISO 8601 text in UTC, durations milliseconds. Lists page by an opaque cursor.",
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
      schemas: { Problem: jsonSchema(problem, "output") },
      responses: {
        Problem: {
          description: "Why not; `code` is stable",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operation(operationId: string, endpoint: Endpoint | PeopleEndpoint): Json {
  const { summary, path, query, body, answer, status = 200 } = endpoint;
  return {
    operationId,
    summary,
    ...("access" in endpoint ? accessOf(endpoint.access) : permissionOf(endpoint.permission)),
    parameters: [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: jsonSchema(body, "input") } } } }),
    responses: {
      [status]:
        answer === null ? { description: "Done" } : { description: summary, content: content(answer) },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
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

function content(answer: z.ZodType | string): Json {
  return typeof answer === "string"
    ? { [answer]: { schema: { type: "string" } } }
    : { "application/json": { schema: jsonSchema(answer, "output") } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
