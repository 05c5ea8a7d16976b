/** Requests to `/api/v1`, typed by the server's table of endpoints. */
import type { z } from "zod";
import type { Problem } from "../../../server/src/admin-api/contracts/common.ts";
import type { csrfHeader } from "../../../server/src/admin-api/contracts/people.ts";
import type { Endpoints, PathParams } from "../../../server/src/admin-api/endpoints.ts";
import type { peopleEndpoints } from "../../../server/src/admin-api/people/people-endpoints.ts";
import { parseExactly } from "../../../server/src/protocol/parse-exactly.ts";

type Table = Endpoints & typeof peopleEndpoints;

/** `"GET /apps/{appId}"` → its entry in the table. */
type Routes = {
  [Name in keyof Table as `${Uppercase<Table[Name]["method"]>} ${Table[Name]["path"]}`]: Table[Name];
};
export type Route = keyof Routes;

type InputOf<Name extends Route, Part extends "query" | "body"> =
  Routes[Name] extends Record<Part, infer Schema extends z.ZodType> ? z.input<Schema> : never;
type PathOf<Name extends Route> = PathParams<Routes[Name]["path"]>;

export type Answer<Name extends Route> = Routes[Name]["answer"] extends z.ZodType
  ? z.output<Routes[Name]["answer"]>
  : undefined;

export type Input<Name extends Route> = (unknown extends PathOf<Name> ? object : { path: PathOf<Name> }) &
  ([InputOf<Name, "query">] extends [never] ? object : { query?: InputOf<Name, "query"> }) &
  ([InputOf<Name, "body">] extends [never] ? object : { body: InputOf<Name, "body"> });

/** An error response of the API: `problem.detail` is for people, `problem.code` for programs. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The server's root URL as the browser reaches it, with the path prefix; ends with a slash. */
export const serverUrl = new URL("../", document.baseURI);

let csrfToken: string | null = null;
/** Call it with each answer of `GET /session`. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** @throws ApiError if the API returns an error or cannot be reached */
export async function call<Name extends Route>(route: Name, input: Input<Name>): Promise<Answer<Name>> {
  const [method, path] = route.split(" ", 2) as [string, string];
  const parts = input as { path?: Record<string, string>; query?: object; body?: unknown };
  const answer = await fetch(apiUrl(path, parts.path, parts.query), {
    method,
    headers: headersFor(method, parts.body !== undefined),
    ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
  }).catch((error: unknown) => {
    throw new ApiError(unreachable(error));
  });
  if (!answer.ok) throw new ApiError(await readProblem(answer));
  return (answer.status === 204 ? undefined : parseExactly(await answer.text())) as Answer<Name>;
}

export function apiUrl(template: string, path: Record<string, string> = {}, query: object = {}): URL {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const url = new URL(`api/v1${filled}`, serverUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, String(value));
  }
  return url;
}

function headersFor(method: string, hasBody: boolean): Record<string, string> {
  const header: typeof csrfHeader = "x-csrf-token";
  return {
    accept: "application/json",
    ...(hasBody ? { "content-type": "application/json" } : {}),
    ...(method === "GET" || csrfToken === null ? {} : { [header]: csrfToken }),
  };
}

async function readProblem(answer: Response): Promise<Problem> {
  const text = await answer.text();
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";", 1);
  if (type.trim() === "application/problem+json") return JSON.parse(text) as Problem;
  return {
    type: "about:blank",
    title: answer.statusText,
    status: answer.status,
    code: "unexpected_answer",
    detail: `The server answered ${answer.status}: ${text.slice(0, 200)}`,
  };
}

function unreachable(error: unknown): Problem {
  return {
    type: "about:blank",
    title: "Unreachable",
    status: 0,
    code: "unreachable",
    detail: `The server does not answer (${error instanceof Error ? error.message : String(error)})`,
  };
}
