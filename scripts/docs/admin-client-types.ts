/**
 * The types of `@soketify/admin`, from the OpenAPI document. openapi-typescript would need a second release of
 * TypeScript, because it uses the compiler's API of version 5.
 */
import { endpoints } from "../../server/src/admin-api/endpoints.ts";
import { openApiDocument } from "../../server/src/admin-api/openapi.ts";
import { peopleEndpoints } from "../../server/src/admin-api/people/people-endpoints.ts";
import { type Schema, typeOf } from "./schema-type.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function adminClientTypes(): string {
  const document = openApiDocument({ ...endpoints, ...peopleEndpoints }, "") as unknown as Document;
  const schemas = Object.entries(document.components.schemas);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      endpoint(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  return `/** The shapes of the admin API. Written by \`npm run docs\` from its OpenAPI document: do not change it here. */

/** The requests of the admin API, with their parameters and answers. \`Response\`: a stream of events or lines. */
export interface Endpoints {
${operations.join("\n")}
}

${schemas.map(([name, schema]) => `export type ${name} = ${typeOf(schema, "answer")};`).join("\n\n")}
`;
}

function endpoint(route: string, { summary, parameters, requestBody, responses }: Operation): string {
  const body = requestBody?.content?.["application/json"]?.schema;
  const parts = [
    ...(["path", "query"] as const).flatMap((location) =>
      parametersOf(
        parameters.filter((parameter) => parameter.in === location),
        location,
      ),
    ),
    ...(body === undefined ? [] : [`body${requestBody?.required ? "" : "?"}: ${typeOf(body, "request")};`]),
    `answer: ${answerOf(responses)};`,
  ];
  return indent(`/** ${summary} */\n${JSON.stringify(route)}: {\n${indent(parts.join("\n"))}\n};`);
}

function parametersOf(parameters: readonly Parameter[], location: string): string[] {
  if (parameters.length === 0) return [];
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  const type = typeOf({ type: "object", properties, required }, "request");
  return [`${location}${required.length === 0 ? "?" : ""}: ${type};`];
}

/** The answer of the only success status. */
function answerOf(responses: Operation["responses"]): string {
  const [success] = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const content = success?.[1].content;
  if (content === undefined) return "undefined";
  const json = content["application/json"];
  return json === undefined ? "Response" : typeOf(json.schema, "answer");
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
