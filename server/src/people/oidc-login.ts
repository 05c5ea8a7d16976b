/** Login through an OpenID Connect provider: the redirect to it, and the person's identity afterwards. */
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

/** The time that a person may take at the provider. */
export const oidcLastsMs = 600_000;
const providerTimeoutS = 10;
const scope = "openid email profile";

export interface OidcOptions {
  /** The issuer URL, below which `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * Sends the requests to the provider. Its errors may contain internal addresses, so pass them only to `onRefused`.
   */
  readonly fetch: CustomFetch;
  /** Receives why a login was refused, for the log. */
  readonly onRefused: (refusal: OidcRefused) => void;
}

/** Why a login was refused: a code for which the dashboard has the message. */
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

/** The person's identity from the provider. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  /** In lower case. Null if the provider sent none. */
  readonly email: string | null;
  readonly isEmailVerified: boolean;
}

/** The state of a login that the browser stores while it is at the provider. */
interface PendingLogin {
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

  /** @param redirectUri to which the provider redirects browsers; never taken from a request */
  constructor(options: OidcOptions, redirectUri: string, seal: Seal, clock: Pick<Clock, "now">) {
    this.#options = options;
    this.#redirectUri = redirectUri;
    this.#seal = seal;
    this.#clock = clock;
  }

  /**
   * Returns the URL for the browser, and the sealed state that it must send back.
   * @throws Refusal `login_provider_unreachable`
   */
  async begin(): Promise<{ url: string; pendingLogin: string }> {
    const pendingLogin: PendingLogin = {
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
      untilMs: this.#clock.now() + oidcLastsMs,
    };
    const url = buildAuthorizationUrl(await this.#providerOrRefusal(), {
      redirect_uri: this.#redirectUri,
      scope,
      state: pendingLogin.state,
      nonce: pendingLogin.nonce,
      code_challenge: await calculatePKCECodeChallenge(pendingLogin.codeVerifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, pendingLogin: this.#seal.close(JSON.stringify(pendingLogin)) };
  }

  /**
   * @param query of the provider's redirect back to this server
   * @param sealed the `pendingLogin` that `begin` returned to this browser; null if it has none
   * @throws OidcRefused
   */
  async finish(query: string, sealed: string | null): Promise<OidcPerson> {
    const { state, nonce, codeVerifier } = this.#openPendingLogin(sealed);
    const back = new URL(this.#redirectUri);
    back.search = query;
    if (back.searchParams.get("state") !== state)
      throw new OidcRefused("expired", "The login began in another browser, or was started again since");
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
      // Some providers return the address only from their userinfo endpoint.
      const facts =
        claims.email === undefined && provider.serverMetadata().userinfo_endpoint !== undefined
          ? await fetchUserInfo(provider, tokens.access_token, claims.sub)
          : claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof facts.email === "string" ? facts.email.toLowerCase() : null,
        // Some providers send it as text.
        isEmailVerified: String(facts.email_verified) === "true",
      };
    } catch (error) {
      throw asRefused(error);
    }
  }

  #openPendingLogin(sealed: string | null): PendingLogin {
    const expired = (cause?: unknown) =>
      new OidcRefused("expired", "The login took too long, or began in another browser", { cause });
    if (sealed === null) throw expired();
    let pendingLogin: PendingLogin;
    try {
      pendingLogin = JSON.parse(this.#seal.open(sealed)) as PendingLogin;
    } catch (error) {
      throw expired(error);
    }
    if (pendingLogin.untilMs <= this.#clock.now()) throw expired();
    return pendingLogin;
  }

  async #providerOrRefusal(): Promise<Configuration> {
    try {
      return await this.#discover();
    } catch (error) {
      this.#options.onRefused(asRefused(error));
      throw new Refusal(
        "login_provider_unreachable",
        "The login provider does not answer correctly: log in with your password, or try again later",
      );
    }
  }

  /** Loads the provider's configuration once; after a failure the next call retries. */
  #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, fetch } = this.#options;
    const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    this.#provider ??= discovery(url, clientId, undefined, clientAuth(clientSecret), {
      timeout: providerTimeoutS,
      [customFetch]: fetch,
      // A provider in the operator's network may have no TLS: then the configured issuer has `http:`.
      execute: [enableNonRepudiationChecks, ...(url.protocol === "http:" ? [allowInsecureRequests] : [])],
    }).catch((error: unknown) => {
      this.#provider = null;
      throw error;
    });
    return this.#provider;
  }
}

/** The authentication method that the provider supports; `client_secret_basic` if it names none. */
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
  const message = `The provider does not answer correctly: ${reasonOf(error)}`;
  return new OidcRefused("failed", message, { cause: error });
}

/** The library's errors contain the actual cause only in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
