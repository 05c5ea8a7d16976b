/** The input and the result of each handler, by the endpoint's name. */

import type { Actor } from "../core/actor.ts";
import type { App } from "../core/apps/app.ts";
import type { EndpointAnswer, EndpointName, Endpoints, EndpointValue, PathParams } from "./endpoints.ts";
import type { Principal } from "./principal.ts";

export interface Call<Name extends EndpointName> {
  readonly principal: Principal;
  readonly actor: Actor;
  readonly params: PathParams<Endpoints[Name]["path"]>;
  /** The app in the path. */
  readonly app: PathParams<Endpoints[Name]["path"]> extends { readonly appId: string } ? App : null;
  readonly query: EndpointValue<Name, "query">;
  readonly body: EndpointValue<Name, "body">;
  readonly request: Request;
  /** Authenticates the caller again, because a long answer must end when the caller loses permission. */
  readonly recheck: () => Promise<Principal>;
}

export type Handler<Name extends EndpointName> = (
  call: Call<Name>,
) => Endpoints[Name]["answer"] extends null
  ? Promise<void>
  : Promise<EndpointAnswer<Name>> | EndpointAnswer<Name>;

export type Handlers<Names extends EndpointName = EndpointName> = {
  readonly [Name in Names]: Handler<Name>;
};

export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
