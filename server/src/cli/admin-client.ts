/** The admin API for commands: every answer is checked, and errors are texts for people. */

import {
  AdminError,
  type Answer,
  type Input,
  AdminClient as PublishedClient,
  type Route,
} from "@soketify/admin";
import { z } from "zod";
import type { Endpoint } from "../admin-api/endpoint.ts";
import { endpoints } from "../admin-api/endpoints.ts";
import { parseExactly } from "../protocol/parse-exactly.ts";
import { Refused, RefusedByServer } from "./refused.ts";

export type Send = (request: Request) => Promise<Response>;

const answers = new Map<string, Endpoint["answer"]>(
  Object.values(endpoints).map(({ method, path, answer }) => [`${method.toUpperCase()} ${path}`, answer]),
);

export class AdminClient {
  readonly #url: string;
  readonly #client: PublishedClient;

  /** @param url the server's URL without `/api/v1`; `token` is null for trusted local requests */
  constructor(url: string, token: string | null, send: Send = fetch) {
    this.#url = url;
    this.#client = new PublishedClient(url, { token, send, parse: parseExactly });
  }

  /** @throws Refused with the server's error message, or if the server cannot be reached */
  async call<Name extends Route>(route: Name, input: Input<Name>): Promise<Answer<Name>> {
    const value = await this.#client.call(route, input).catch((error: unknown) => {
      throw error instanceof AdminError ? this.#refusedBy(error) : error;
    });
    const answer = answers.get(route);
    if (!(answer instanceof z.ZodType)) return value;
    const parsed = answer.safeParse(value);
    if (!parsed.success) throw this.#otherProgram();
    return parsed.data as Answer<Name>;
  }

  #refusedBy({ code, message, help, problem: { issues = [] } }: AdminError): Refused {
    if (code === "unreachable") return new Refused(message);
    if (code === "unexpected_answer") return this.#otherProgram();
    // The message repeats the first issue.
    const sentences =
      issues.length > 0
        ? issues.map(({ path, message }) => `${path || "request"}: ${message} (${code})`)
        : [`${message} (${code})`];
    const lines = help === null ? sentences : [...sentences, `See ${help}`];
    return new RefusedByServer(lines.join("\n"), code);
  }

  #otherProgram(): Refused {
    return new Refused(
      `${this.#url} sent a response that this release's admin API does not send. Is it a Soketify server of the same release?`,
    );
  }
}
