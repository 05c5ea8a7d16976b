/** better-auth as it is set up here: what is kept of people, how passwords are hashed, what the cookies are like. */
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { genericOAuth, twoFactor } from "better-auth/plugins";
import { passwordLengthMax, passwordLengthMin } from "./password-length.ts";

export const oidcProviderId = "oidc";
/** Carries the address that was found for a request to better-auth; a client's own is overwritten. */
export const addressHeader = "x-soketify-address";

/** What better-auth says where there is no such account, or the way back from the provider expired or is none that it gave. */
const refusals = new Set([
  ...["signup_disabled", "account_not_linked"],
  ...["state_not_found", "state_mismatch", "state_security_mismatch", "state_invalid"],
  ...["State not found", "INVALID_CALLBACK_REQUEST"],
]);
const sessionS = 7 * 24 * 3_600;
const sessionSeenEveryS = 3_600;

export interface OidcOptions {
  /** Where `/.well-known/openid-configuration` is found below. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Somebody came back from the provider and was not let in, as is to be expected now and then. */
  readonly onRefused: (reason: string) => void;
}

export interface Hashing {
  readonly memoryKib: number;
  readonly passes: number;
}

/** More than three times the memory that OWASP asks for at this number of passes. */
export const strongHashing: Hashing = { memoryKib: 65_536, passes: 2 };

/** Where browsers reach the server. */
export interface PublicPlace {
  /** Null: by whatever host they ask for. */
  readonly url: string | null;
  /** What comes before every path, such as `/realtime`; empty for none. */
  readonly pathPrefix: string;
  /** The cookies are for TLS alone. */
  readonly isSecure: boolean;
}

export interface PeopleAuthOptions {
  readonly database: NonNullable<BetterAuthOptions["database"]>;
  /** 32 random bytes as text; signs cookies and seals second factors, so it must stay the same. */
  readonly secret: string;
  readonly place: PublicPlace;
  readonly oidc: OidcOptions | null;
  /** What a password's hash costs. */
  readonly hashing: Hashing;
  readonly onBug: (error: unknown) => void;
}

export type PeopleAuth = ReturnType<typeof createPeopleAuth>;

export function createPeopleAuth(options: PeopleAuthOptions) {
  const { database, secret, place, oidc, hashing } = options;
  const { pathPrefix, isSecure } = place;
  const argon2id = {
    algorithm: "argon2id",
    memoryCost: hashing.memoryKib,
    timeCost: hashing.passes,
  } as const;
  // Where a provider sends browsers back to; without a public URL there is no provider.
  const { origin } = new URL(place.url ?? "http://localhost");
  return betterAuth({
    appName: "Soketify",
    baseURL: origin,
    // Where it cannot tell which sign-on a browser comes back from.
    onAPIError: { errorURL: `${origin}${pathPrefix}/dashboard` },
    basePath: `${pathPrefix}/api/auth`,
    secret,
    database,
    telemetry: { enabled: false },
    logger: { level: "error", log: (_, message, ...facts) => report(options, message, facts) },
    // Every request passes the throttle of this door first.
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLengthMin,
      maxPasswordLength: passwordLengthMax,
      password: {
        hash: (password) => Bun.password.hash(password, argon2id),
        verify: ({ hash, password }) => Bun.password.verify(password, hash),
      },
    },
    user: {
      modelName: "people",
      additionalFields: {
        role: { type: "string", required: true, input: false },
        /** A JSON list; null: all. */
        appIds: { type: "string", required: false, input: false },
      },
    },
    session: { modelName: "sessions", expiresIn: sessionS, updateAge: sessionSeenEveryS },
    account: { modelName: "personAccounts", encryptOAuthTokens: true },
    verification: { modelName: "verifications" },
    plugins: [
      twoFactor({ issuer: "Soketify", schema: { twoFactor: { modelName: "secondFactors" } } }),
      genericOAuth({ config: oidc === null ? [] : [oidcProvider(oidc)] }),
      {
        id: "used-codes",
        schema: {
          twoFactor: {
            modelName: "secondFactors",
            fields: { lastUsedStep: { type: "number", required: true, defaultValue: 0, input: false } },
          },
        },
      },
      {
        id: "invitations",
        schema: {
          invitation: {
            modelName: "invitations",
            fields: {
              tokenHash: { type: "string", required: true, unique: true, returned: false },
              /** Null at setup. */
              email: { type: "string", required: false },
              role: { type: "string", required: true },
              appIds: { type: "string", required: false },
              invitedBy: { type: "string", required: true },
              createdAt: { type: "date", required: true },
              expiresAt: { type: "date", required: true },
            },
          },
        },
      },
    ],
    advanced: {
      cookiePrefix: isSecure ? "__Host-soketify" : "soketify",
      // The prefix is written out above: better-auth's own is the weaker `__Secure-`.
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/" },
      ipAddress: { ipAddressHeaders: [addressHeader], ipv6Subnet: 128 },
    },
  });
}

/** Calls a refusal what it is: to better-auth it is an error as any other. */
function report({ onBug, oidc }: PeopleAuthOptions, message: string, facts: unknown[]): void {
  const [error] = facts;
  const code = error instanceof Error && "code" in error ? String(error.code) : message;
  if (oidc !== null && refusals.has(code)) oidc.onRefused(code);
  else onBug(new Error(message, { cause: facts }));
}

/** Only those who have an account sign on, and only by an address that the provider calls verified. */
function oidcProvider({ issuer, clientId, clientSecret }: OidcOptions) {
  return {
    providerId: oidcProviderId,
    discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    requireIdTokenVerification: true,
    clientId,
    clientSecret,
    scopes: ["openid", "email", "profile"],
    disableSignUp: true,
  };
}
