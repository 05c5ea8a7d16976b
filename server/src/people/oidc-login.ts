/** Login at an OpenID Connect provider: where the browser is sent, and who comes back. */
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { Seal } from "./seal.ts";

/** How long somebody may take at the provider. */
export const oidcLastsMs = 600_000;
const providerTimeoutS = 10;
const scope = "openid email profile";

export interface OidcOptions {
  /** Where `/.well-known/openid-configuration` is found below. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Sends what is asked of the provider. Its errors are for `onRefused` alone: they may name internal addresses. */
  readonly fetch: CustomFetch;
  /** Why somebody who came back was not let in, for the log. */
  readonly onRefused: (refusal: OidcRefused) => void;
}

/** Why somebody who came back was not let in: a code for the dashboard, which has the sentence. */
export type OidcRefusal =
  | "expired"
  | "refused"
  | "failed"
  | "no_account"
  | "email_missing"
  | "email_not_verified";

export class OidcRefused extends Error {
  readonly refusal: OidcRefusal;

  constructor(refusal: OidcRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.refusal = refusal;
  }
}

/** Whom the provider named. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  /** In lower case. Null where the provider named none. */
  readonly email: string | null;
  readonly isEmailVerified: boolean;
}

/** What the browser keeps while it is at the provider. */
interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly untilMs: number;
}

export class OidcLogin {
  readonly #options: OidcOptions;
  readonly #redirectUri: string;
  readonly #seal: Seal;
  readonly #clock: Pick<Clock, "now">;
  #provider: Promise<Configuration> | null = null;

  /** @param redirectUri where the provider sends browsers back to; it is never taken from a request */
  constructor(options: OidcOptions, redirectUri: string, seal: Seal, clock: Pick<Clock, "now">) {
    this.#options = options;
    this.#redirectUri = redirectUri;
    this.#seal = seal;
    this.#clock = clock;
  }

  /**
   * Answers where to send the browser, and what it must bring back.
   * @throws Refusal `login_provider_unreachable`
   */
  async begin(): Promise<{ url: string; journey: string }> {
    const journey: Journey = {
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
      untilMs: this.#clock.now() + oidcLastsMs,
    };
    const url = buildAuthorizationUrl(await this.#providerOrRefusal(), {
      redirect_uri: this.#redirectUri,
      scope,
      state: journey.state,
      nonce: journey.nonce,
      code_challenge: await calculatePKCECodeChallenge(journey.codeVerifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, journey: this.#seal.close(JSON.stringify(journey)) };
  }

  /**
   * @param query what the provider sent the browser back with
   * @param sealed what `begin` gave this browser; null where it has nothing
   * @throws OidcRefused
   */
  async finish(query: string, sealed: string | null): Promise<OidcPerson> {
    const { state, nonce, codeVerifier } = this.#openJourney(sealed);
    const back = new URL(this.#redirectUri);
    back.search = query;
    if (back.searchParams.get("state") !== state)
      throw new OidcRefused("expired", "The login was begun in another browser, or anew since");
    try {
      const provider = await this.#discover();
      const tokens = await authorizationCodeGrant(provider, back, {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new OidcRefused("failed", "The provider sent no ID token");
      // Some providers tell the address at their userinfo endpoint alone.
      const facts =
        claims.email === undefined && provider.serverMetadata().userinfo_endpoint !== undefined
          ? await fetchUserInfo(provider, tokens.access_token, claims.sub)
          : claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof facts.email === "string" ? facts.email.toLowerCase() : null,
        // Some providers write it as text.
        isEmailVerified: String(facts.email_verified) === "true",
      };
    } catch (error) {
      throw asRefused(error);
    }
  }

  #openJourney(sealed: string | null): Journey {
    const expired = (cause?: unknown) =>
      new OidcRefused("expired", "The login took too long, or began in another browser", { cause });
    if (sealed === null) throw expired();
    let journey: Journey;
    try {
      journey = JSON.parse(this.#seal.open(sealed)) as Journey;
    } catch (error) {
      throw expired(error);
    }
    if (journey.untilMs <= this.#clock.now()) throw expired();
    return journey;
  }

  async #providerOrRefusal(): Promise<Configuration> {
    try {
      return await this.#discover();
    } catch (error) {
      this.#options.onRefused(asRefused(error));
      throw new Refusal(
        "login_provider_unreachable",
        "The login provider does not answer as it should: log in with your password, or try again later",
      );
    }
  }

  /** Asked once; again after a failure. */
  #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, fetch } = this.#options;
    const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    this.#provider ??= discovery(url, clientId, undefined, clientAuth(clientSecret), {
      timeout: providerTimeoutS,
      [customFetch]: fetch,
      // A provider on the own network may have no TLS: the operator wrote `http:`.
      execute: [enableNonRepudiationChecks, ...(url.protocol === "http:" ? [allowInsecureRequests] : [])],
    }).catch((error: unknown) => {
      this.#provider = null;
      throw error;
    });
    return this.#provider;
  }
}

/** In the way that the provider supports; `client_secret_basic` where it does not say. */
function clientAuth(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const supported = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const authenticate = supported.includes("client_secret_basic") ? basic : post;
    authenticate(server, client, body, headers);
  };
}

function asRefused(error: unknown): OidcRefused {
  if (error instanceof OidcRefused) return error;
  if (error instanceof AuthorizationResponseError)
    return new OidcRefused("refused", `The provider answered ${error.error}`, { cause: error });
  const message = `The provider does not answer as it should: ${reasonOf(error)}`;
  return new OidcRefused("failed", message, { cause: error });
}

/** The library wraps what went wrong in errors that say no more than that something did. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
