/** Sends one request to a webhook's URL: to the checked address, without redirects, with limits on time and response size. */
import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "../core/ports/clock.ts";
import { RequestFailed } from "./describe-failure.ts";
import type { Address, Target, TargetGuard } from "./target-guard.ts";

export interface TargetRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

export interface TargetAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The start of the body. */
  readonly body: string;
}

/** Rejects with an error that says why there was no response. */
export type FetchTo = (request: TargetRequest) => Promise<TargetAnswer>;

export interface TargetFetcher {
  readonly fetchTo: FetchTo;
  /** Closes the idle kept-alive connections. */
  close(): void;
}

export interface FetcherOptions {
  /** Additional trusted certificates, as PEM. */
  readonly ca?: string;
}

const answerBytesMax = 65_536;
const answerKeptLength = 1_024;
/** Shorter than the five seconds for which common servers keep an idle connection. */
const idleConnectionMs = 3_000;

export function createTargetFetcher(
  guard: TargetGuard,
  clock: Clock,
  { ca }: FetcherOptions = {},
): TargetFetcher {
  const settings = { keepAlive: true, maxFreeSockets: 4, timeout: idleConnectionMs };
  const httpAgent = new http.Agent(settings);
  const httpsAgent = new https.Agent(ca === undefined ? settings : { ...settings, ca });

  function open(
    { url, address }: Target,
    { headers, body }: TargetRequest,
    signal: AbortSignal,
  ): ClientRequest {
    const length = { "Content-Length": Buffer.byteLength(body) };
    const init = { method: "POST", signal, lookup: lookupOf(address), headers: { ...headers, ...length } };
    return url.protocol === "https:"
      ? https.request(url, { ...init, agent: httpsAgent })
      : http.request(url, { ...init, agent: httpAgent });
  }

  async function exchange(request: TargetRequest, signal: AbortSignal): Promise<TargetAnswer> {
    const target = await guard.check(request.url);
    signal.throwIfAborted();
    return answerTo(open(target, request, signal), request.body);
  }

  return {
    async fetchTo(request) {
      const abort = new AbortController();
      const timeUp = Promise.withResolvers<never>();
      const cancel = clock.after(request.timeoutMs, () => {
        timeUp.reject(new RequestFailed(`No complete response within ${request.timeoutMs} ms`));
        abort.abort();
      });
      return Promise.race([exchange(request, abort.signal), timeUp.promise]).finally(cancel);
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function answerTo(request: ClientRequest, body: string): Promise<TargetAnswer> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("upgrade", () => {
      reject(new RequestFailed("The receiver asked to switch to another protocol"));
      request.destroy();
    });
    request.on("response", (response) => readAnswer(response).then(resolve, reject));
    request.end(body);
  });
}

function readAnswer(response: IncomingMessage): Promise<TargetAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = () =>
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers["retry-after"] ?? null,
        body: Buffer.concat(chunks).toString().slice(0, answerKeptLength),
      });
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= answerBytesMax) return;
      finish();
      response.destroy();
    });
    response.on("end", finish);
    response.on("error", reject);
  });
}

/** The connection's DNS lookup: returns the checked address, even if the name has another address now. */
export function lookupOf({ address, family }: Address): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}
