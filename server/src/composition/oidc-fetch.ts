/**
 * Requests to the OpenID Connect provider. The operator configured its host, which may have any address. Other hosts
 * come from the provider's documents, so they are checked like the targets of webhooks.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { CustomFetch, CustomFetchOptions } from "openid-client";
import { lookupOf } from "../webhooks/fetch-target.ts";
import { type Target, type TargetGuard, TargetRefused } from "../webhooks/target-guard.ts";

/** Far above the size of any provider's keys. */
const answerBytesMax = 1_048_576;

/**
 * @param issuer its URL, from the configuration
 * @returns a fetch function; its errors may contain internal addresses, so only log them
 */
export function createOidcFetch(issuer: string, guard: TargetGuard): CustomFetch {
  const { hostname } = new URL(issuer);
  return async function oidcFetch(url, options) {
    if (new URL(url).hostname === hostname) return fetch(url, options);
    return fetchFrom(await check(url, guard), options);
  };
}

async function check(url: string, guard: TargetGuard): Promise<Target> {
  try {
    return await guard.check(url);
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
