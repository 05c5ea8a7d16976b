/**
 * Requests to the OpenID Connect provider. The operator named its host, which may be anywhere. Other hosts are named by
 * the provider's documents: they are checked as the targets of webhooks are.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { CustomFetch, CustomFetchOptions } from "openid-client";
import { lookupOf } from "../webhooks/fetch-target.ts";
import { type Target, type TargetGuard, TargetRefused } from "../webhooks/target-guard.ts";

/** Much more than any provider's keys need. */
const answerBytesMax = 1_048_576;

/**
 * @param issuer its URL, from the configuration
 * @returns rejects with an error that may name internal addresses: it is for the log alone
 */
export function createOidcFetch(issuer: string, guard: TargetGuard): CustomFetch {
  const { hostname } = new URL(issuer);
  return async function oidcFetch(url, options) {
    if (new URL(url).hostname === hostname) return fetch(url, options);
    return fetchFrom(await vet(url, guard), options);
  };
}

async function vet(url: string, guard: TargetGuard): Promise<Target> {
  try {
    return await guard.vet(url);
  } catch (error) {
    if (error instanceof TargetRefused) throw new Error(error.detail);
    throw error;
  }
}

function fetchFrom(
  { url, address }: Target,
  { method, headers, body, signal }: CustomFetchOptions,
): Promise<Response> {
  const { request } = url.protocol === "https:" ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const sent = request(url, { method, headers, signal, lookup: lookupOf(address), agent: false });
  sent.on("error", reject);
  sent.on("response", (answer) => readAnswer(answer).then(resolve, reject));
  sent.end(body === undefined || body === null ? undefined : String(body));
  return promise;
}

async function readAnswer(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax)
      throw new Error(`The provider's answer has more than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  const headers = { "content-type": answer.headers["content-type"] ?? "" };
  return new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 502, headers });
}
