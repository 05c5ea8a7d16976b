/** An OpenID Connect provider on the loopback address that returns the claims that a test sets. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";

export interface Claims {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
}

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const { privateKey: foreignKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const keyId = "1";

export class OidcIssuer {
  readonly clientId = "soketify";
  readonly clientSecret = "a secret of the client";
  /**
   * The person who is logged in at the issuer, whose page redirects immediately; null: nobody, and the login is
   * denied.
   */
  visitor: Claims | null = null;
  /** Whether its ID tokens are signed with a wrong key. */
  isForged = false;
  /** The URL of its keys in its document; null: at its own address. */
  keysAt: string | null = null;
  readonly #grants = new Map<string, { readonly nonce: string | null; readonly claims: Claims }>();
  readonly #server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#answer(request) });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** The redirect target after this person has logged in on the page at `authorizationUrl`. */
  consent(authorizationUrl: string, claims: Claims): URL {
    const asked = new URL(authorizationUrl).searchParams;
    const code = randomUUID();
    this.#grants.set(code, { nonce: asked.get("nonce"), claims });
    const back = new URL(asked.get("redirect_uri") ?? "");
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state") ?? "");
    return back;
  }

  stop(): void {
    this.#server.stop(true);
  }

  #sendBack(url: URL): string {
    if (this.visitor !== null) return this.consent(url.href, this.visitor).href;
    const back = new URL(url.searchParams.get("redirect_uri") ?? "");
    back.searchParams.set("error", "access_denied");
    back.searchParams.set("state", url.searchParams.get("state") ?? "");
    return back.href;
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/authorize":
        return Response.redirect(this.#sendBack(url));
      case "/.well-known/openid-configuration":
        return Response.json({
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.keysAt ?? this.url}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
        });
      case "/keys":
        return Response.json({
          keys: [{ ...publicKey.export({ format: "jwk" }), kid: keyId, alg: "RS256", use: "sig" }],
        });
      case "/token":
        return this.#token(new URLSearchParams(await request.text()).get("code") ?? "");
      default:
        return new Response(null, { status: 404 });
    }
  }

  #token(code: string): Response {
    const grant = this.#grants.get(code);
    if (grant === undefined) return Response.json({ error: "invalid_grant" }, { status: 400 });
    this.#grants.delete(code);
    const nowS = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: this.url,
      aud: this.clientId,
      iat: nowS,
      exp: nowS + 60,
      ...(grant.nonce !== null && { nonce: grant.nonce }),
      ...grant.claims,
    };
    const idToken = signed(claims, this.isForged ? foreignKey : privateKey);
    return Response.json({ access_token: randomUUID(), token_type: "Bearer", id_token: idToken });
  }
}

function signed(payload: object, key: KeyObject): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: "RS256", typ: "JWT", kid: keyId })}.${encode(payload)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}
