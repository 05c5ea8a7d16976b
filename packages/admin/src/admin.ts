/** A typed client of Soketify's admin API. */
import { AdminError, invalidPath, unexpected, unreachable } from "./admin-error.ts";
import type { Endpoints, Problem } from "./endpoints.ts";

export { AdminError, type AdminErrorCode } from "./admin-error.ts";
export type * from "./endpoints.ts";

/** A request, such as `GET /apps/{appId}`. */
export type Route = keyof Endpoints;

/** The `path`, `query` and `body` of a request, if it has them. */
export type Input<Name extends Route> = Omit<Endpoints[Name], "answer">;

/** `undefined` for an answer without a body, a `Response` for a stream of events or lines. */
export type Answer<Name extends Route> = Endpoints[Name]["answer"];

/** A request that needs no input. */
type BareRoute = { [Name in Route]: object extends Input<Name> ? Name : never }[Route];

interface Parts {
  readonly path?: object;
  readonly query?: object;
  readonly body?: unknown;
}

export interface AdminClientOptions {
  /** An API token. Without one, a browser sends the cookie of its login. */
  readonly token?: string | null;
  /** Sends a request; by default the runtime's `fetch`. */
  readonly send?: (request: Request) => Promise<Response>;
  /** Parses the JSON of an answer; by default `JSON.parse`. */
  readonly parse?: (json: string) => unknown;
}

export class AdminClient {
  readonly #url: string;
  readonly #options: AdminClientOptions;
  #csrfToken: string | null = null;

  /** @param url the server's URL with its path prefix, such as `https://ws.example.com` */
  constructor(url: string | URL, options: AdminClientOptions = {}) {
    this.#url = String(url).replace(/\/+$/, "");
    this.#options = options;
  }

  /**
   * Sends a request. After `GET /session`, each change is sent with the CSRF token of that session.
   * @throws AdminError if the server refuses the request or cannot be reached
   */
  call<Name extends BareRoute>(route: Name, input?: Input<Name>): Promise<Answer<Name>>;
  call<Name extends Route>(route: Name, input: Input<Name>): Promise<Answer<Name>>;
  async call(route: Route, input: Parts = {}): Promise<unknown> {
    const { send = fetch } = this.#options;
    const request = this.#request(route, input);
    const answer = await send(request)
      .then((response) => this.#read(response))
      .catch((error: unknown) => {
        throw error instanceof AdminError ? error : unreachable(this.#url, error);
      });
    if (route === "GET /session") this.#csrfToken = (answer as Answer<"GET /session">).csrfToken;
    return answer;
  }

  /** The URL of a request, for a link or an `EventSource`. */
  url<Name extends Route>(route: Name, input: Input<Name>): string {
    return this.#urlOf(route, input);
  }

  #request(route: string, input: Parts): Request {
    const { token = null } = this.#options;
    const [method = ""] = route.split(" ", 1);
    const headers = new Headers();
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    if (this.#csrfToken !== null && method !== "GET") headers.set("x-csrf-token", this.#csrfToken);
    if (input.body === undefined) return new Request(this.#urlOf(route, input), { method, headers });
    headers.set("content-type", "application/json");
    return new Request(this.#urlOf(route, input), { method, headers, body: JSON.stringify(input.body) });
  }

  #urlOf(route: string, { path = {}, query = {} }: Parts): string {
    const filled = Object.entries(path).reduce(
      (before, [name, value]) => before.replace(`{${name}}`, () => segment(name, String(value))),
      route.slice(route.indexOf("/")),
    );
    const url = new URL(`${this.#url}/api/v1${filled}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
    return url.href;
  }

  async #read(response: Response): Promise<unknown> {
    const { parse = JSON.parse } = this.#options;
    if (response.status === 204) return undefined;
    const type = response.headers.get("content-type") ?? "";
    if (/^(text\/event-stream|application\/x-ndjson)\b/.test(type)) return response;
    const text = await response.text();
    if (!/^application\/(problem\+)?json\b/.test(type)) throw unexpected(response.status, text);
    try {
      if (response.ok) return parse(text);
      throw new AdminError(JSON.parse(text) as Problem);
    } catch (error) {
      throw error instanceof AdminError ? error : unexpected(response.status, text);
    }
  }
}

function segment(name: string, value: string): string {
  if (/^\.{0,2}$/.test(value)) throw invalidPath(name);
  return encodeURIComponent(value);
}
