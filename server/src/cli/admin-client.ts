/** A typed client of the admin API. The caller supplies the function that sends requests. */

import { z } from "zod";
import { problem } from "../admin-api/contracts/common.ts";
import type { Endpoint } from "../admin-api/endpoint.ts";
import {
  type EndpointAnswer,
  type EndpointInput,
  type EndpointName,
  type Endpoints,
  endpoints,
  type PathParams,
} from "../admin-api/endpoints.ts";
import { parseExactly } from "../protocol/parse-exactly.ts";
import { Refused, RefusedByServer } from "./refused.ts";

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

  /** @param baseUrl the server's URL without `/api/v1`; `token` is null for trusted local requests */
  constructor(baseUrl: string, token: string | null, send: Send = fetch) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#token = token;
    this.#send = send;
  }

  /** @throws Refused with the server's error message, or if the server cannot be reached */
  async call<Name extends EndpointName>(name: Name, input: Input<Name> = {}): Promise<EndpointAnswer<Name>> {
    const endpoint: Endpoint = endpoints[name];
    const response = await this.#fetch(endpoint, input);
    const { answer } = endpoint;
    const value = answer instanceof z.ZodType ? await this.#read(answer, response) : response;
    return (answer === null ? undefined : value) as EndpointAnswer<Name>;
  }

  async #read(answer: z.ZodType, response: Response): Promise<unknown> {
    const parsed = jsonText.pipe(answer).safeParse(await response.text());
    if (parsed.success) return parsed.data;
    throw new Refused(
      `${this.#baseUrl} sent a response that this release's admin API does not send. Is it a Soketify server of the same release?`,
    );
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
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return parseExactly(text);
  } catch {
    context.addIssue("no JSON");
    return z.NEVER;
  }
});

async function refusalOf(response: Response): Promise<Refused> {
  const parsed = jsonText.pipe(problem).safeParse(await response.text());
  if (!parsed.success) return new Refused(`The server answered ${response.status} without an error message`);
  const { title, detail, code, help, issues = [] } = parsed.data;
  // The detail repeats the first issue.
  const sentences =
    issues.length > 0
      ? issues.map(({ path, message }) => `${path || "request"}: ${message} (${code})`)
      : [`${detail || title} (${code})`];
  const lines = help === undefined ? sentences : [...sentences, `See ${help}`];
  return new RefusedByServer(lines.join("\n"), code);
}
