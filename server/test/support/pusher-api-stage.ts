/**
 * The HTTP API in this process: the real routes over the protocol in memory. Requests are signed correctly by default.
 */

import { SecretUsers } from "../../src/core/apps/secret-users.ts";
import { Idempotency } from "../../src/core/idempotency.ts";
import { createAuthenticate } from "../../src/pusher-api/authenticate.ts";
import { bytesOfAnswer, createPublishEvents } from "../../src/pusher-api/publish-events.ts";
import { createReadState } from "../../src/pusher-api/read-state.ts";
import { RefusedRequests } from "../../src/pusher-api/refused-requests.ts";
import { createRequestGuards } from "../../src/pusher-api/request-guards.ts";
import { createPusherApi } from "../../src/pusher-api/routes.ts";
import { type RequestParts, signedPath } from "./net/http-request.ts";
import { credentials, type StageOptions, startProtocol } from "./protocol-stage.ts";

export function startPusherApi(options: StageOptions & { readonly pathPrefix?: string } = {}) {
  const stage = startProtocol(options);
  const { registry, hub, clock, activity, bugs, stack } = stage;
  const secretUsers = new SecretUsers(registry, clock);
  const api = createPusherApi(
    {
      authenticate: createAuthenticate(registry, secretUsers, clock),
      refusedRequests: new RefusedRequests(registry, activity, clock),
      guards: createRequestGuards(
        registry,
        clock,
        new Idempotency(clock, { perApp: 100_000, inAll: 100_000 }, bytesOfAnswer),
        null,
      ),
      publishEvents: createPublishEvents(stack.publish, stack.readChannels, activity),
      readState: createReadState(stack.readChannels, stack.readHistory),
      terminateUser: stack.terminateUser,
      connectionCount: (appId) => hub.connectionCountOf(appId),
    },
    activity,
    {
      pathPrefix: options.pathPrefix ?? "",
      httpBodyBytesMax: 4_096,
      onBug: (error) => void bugs.push(error),
    },
  );

  /** Sends the request unchanged, without a signature. */
  async function send(method: string, target: string, init: RequestInit = {}) {
    const answer = await api(new Request(`http://localhost${target}`, { ...init, method }), {
      address: "192.0.2.9",
    });
    if (answer === null) throw new Error(`${target} is no path of the HTTP API`);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  return {
    ...stage,
    secretUsers,
    send,
    ask(parts: RequestParts, headers: Readonly<Record<string, string>> = {}) {
      const target = signedPath(credentials, { timestampS: Math.floor(clock.now() / 1000), ...parts });
      const body = parts.body === undefined ? {} : { body: parts.body };
      return send(parts.method, target, { headers, ...body });
    },
  };
}

export type PusherApiStage = ReturnType<typeof startPusherApi>;
