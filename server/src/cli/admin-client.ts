/** A typed client of the admin API; where the requests go is the caller's choice. */
import { z } from "zod";
import { problem } from "../admin-api/contract.ts";
import {
  type Endpoint,
  type EndpointAnswer,
  type EndpointInput,
  type EndpointName,
  type Endpoints,
  endpoints,
  type PathParams,
} from "../admin-api/endpoints.ts";
import { Refused } from "./refused.ts";

export type Send = (request: Request) => Promise<Response>;

interface Input<Name extends EndpointName> {
  readonly params?: PathParams<Endpoints[Name]["path"]>;
  readonly query?: EndpointInput<Name, "query">;
  readonly body?: EndpointInput<Name, "body">;
}

export class AdminClient {
  readonly #baseUrl: string;
  readonly #token: string | null;
  readonly #send: Send;

  /** @param baseUrl of the server, without `/api/v1`; `token` is null where the way itself is trusted */
  constructor(baseUrl: string, token: string | null, send: Send = fetch) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#token = token;
    this.#send = send;
  }

  /** @throws Refused with what the server says is wrong, or that it cannot be reached */
  async call<Name extends EndpointName>(name: Name, input: Input<Name> = {}): Promise<EndpointAnswer<Name>> {
    const endpoint: Endpoint = endpoints[name];
    const response = await this.#fetch(endpoint, input);
    const { answer } = endpoint;
    const value = answer instanceof z.ZodType ? answer.parse(await response.json()) : response;
    return (answer === null ? undefined : value) as EndpointAnswer<Name>;
  }

  async #fetch(endpoint: Endpoint, { params, query, body }: Input<EndpointName>): Promise<Response> {
    const names = (params ?? {}) as Readonly<Record<string, string>>;
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(names[key] ?? ""),
    );
    const url = new URL(`${this.#baseUrl}/api/v1${path}`);
    for (const [key, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const headers = new Headers();
    if (this.#token !== null) headers.set("authorization", `Bearer ${this.#token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    const request = new Request(url.href, {
      method: endpoint.method.toUpperCase(),
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await this.#send(request).catch((error: Error) => {
      throw new Refused(`${this.#baseUrl} cannot be reached: ${error.message}`);
    });
    if (!response.ok) throw new Refused(await refusalOf(response));
    return response;
  }
}

async function refusalOf(response: Response): Promise<string> {
  const content = await response.text();
  const parsed = z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue("no JSON");
        return z.NEVER;
      }
    })
    .pipe(problem)
    .safeParse(content);
  if (!parsed.success) return `The server answered ${response.status} and did not say why`;
  const { title, detail, code, issues = [] } = parsed.data;
  // The detail is the first issue, in words.
  if (issues.length > 0)
    return issues.map(({ path, message }) => `${path || "request"}: ${message} (${code})`).join("\n");
  return `${detail || title} (${code})`;
}
