/** The shapes of `/api/v1` for people: login, the second factor, sessions, roles, invitations. */
import { z } from "zod";
import { passwordLengthMax, passwordLengthMin } from "../../people/password-strength.ts";
import { appIdText, name, nameSchemas, nextCursor, pageQuery, time, total } from "./common.ts";

/** Required on every changing request of a logged-in browser; the value is in `GET /session`. */
export const csrfHeader = "x-csrf-token";

const email = z.email().max(254).toLowerCase();
/** Mail servers accept at most 64 characters before the @ (RFC 5321). */
const newEmail = z
  .email({ pattern: new RegExp(`^(?=[^@]{1,64}@)${z.regexes.email.source.slice(1)}`) })
  .max(254)
  .toLowerCase();
/** The handler checks its strength and answers `password_too_weak`. */
const newPassword = z
  .string()
  .min(1)
  .max(passwordLengthMax)
  .describe(`At least ${passwordLengthMin} characters, and not one of the most common passwords`);
/** A password to check: only its size is validated. */
const password = z.string().min(1).max(passwordLengthMax);
const appIds = z
  .array(appIdText)
  .max(1_000)
  .nullable()
  .describe(
    "The apps that the person may access; null: all. Owners and admins: all. Developers: a list. Viewers: either",
  );
/** The part of a link after its `#`. */
const linkToken = z.string().min(1).max(100);

const role = z.enum(["owner", "admin", "developer", "viewer"]);
const roleAndApps = { role, appIds };
const appsOfRole = {
  path: ["appIds"],
  message: "must be a list for a developer, null for an owner or admin, either for a viewer",
};

/** The rule of `fitsRole` in the OpenAPI document. `allOf` keeps the generated type a single object. */
const appsOfRoleSchema = {
  allOf: [
    {
      anyOf: [
        { properties: { role: { const: "viewer" } } },
        { properties: { role: { const: "developer" }, appIds: { type: "array" } } },
        { properties: { role: { enum: ["owner", "admin"] }, appIds: { type: "null" } } },
      ],
    },
  ],
};

const person = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  ...roleAndApps,
  hasSecondFactor: z.boolean(),
  createdAt: time,
});

// Login

/** Public: describes the current login, and the available ways to log in. */
export const sessionAnswer = z.object({
  person: person.nullable().describe("Null if nobody is logged in"),
  csrfToken: z.string().nullable().describe("Send it as X-CSRF-Token; null if nobody is logged in"),
  needsSetup: z
    .boolean()
    .describe("True if there is no account yet: the server's setup link creates the owner"),
  needsSecondFactor: z
    .boolean()
    .describe("True after a correct password or OIDC login: send `POST /session/second-factor` next"),
  oidcName: z.string().nullable().describe("The label of the OIDC button; null without OIDC"),
});
export const loginBody = z.strictObject({ email, password });
/** With `needsSecondFactor` nobody is logged in until `POST /session/second-factor`, within ten minutes. */
export const loginAnswer = z.object({ needsSecondFactor: z.boolean() });
const totpCode = z.string().regex(/^[0-9]{6}$/, "must be 6 digits");
const code = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("totp"), code: totpCode }),
  z.strictObject({
    kind: z.literal("backupCode"),
    code: z.string().trim().min(1).max(100).meta({ pattern: "\\S" }),
  }),
]);
export const secondFactorBody = code;
/** The URL for the browser. The provider returns it to `/dashboard`, logged in or with `?error=` in the address. */
export const oidcAnswer = z.object({ url: z.string() });

// The caller's own account

export const changeAccountBody = z.strictObject({ name });
export const accountAnswer = z.object({ person });
export const changePasswordBody = z.strictObject({ currentPassword: password, newPassword });
export const passwordBody = z.strictObject({ password });
/** Requires the password and a code of the authenticator or a backup code, which is consumed. */
export const removeSecondFactorBody = z.strictObject({ password, code });
/** Inactive until `POST /account/second-factor/confirm` has received a code. */
export const enrolAnswer = z.object({
  totpUri: z.string().describe("otpauth://…, for a QR code"),
  backupCodes: z.array(z.string()).describe("Shown only once; each works once"),
});
export const confirmBody = z.strictObject({ code: totpCode });

const session = z.object({
  id: z.string(),
  isCurrent: z.boolean(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: time,
  lastSeenAt: time.describe("To the hour"),
  expiresAt: time,
});
export const sessionsAnswer = z.object({ sessions: z.array(session) });

// People and invitations

const invitation = z.object({
  id: z.string(),
  email: z.string(),
  ...roleAndApps,
  invitedBy: z.string(),
  createdAt: time,
  expiresAt: time,
});
export const peopleQuery = pageQuery;
export const peopleAnswer = z.object({
  people: z.array(person),
  total,
  nextCursor,
  invitations: z.array(invitation).describe("All open invitations, on each page"),
});
export const personAnswer = z.object({ person });
export const changePersonBody = z
  .strictObject(roleAndApps)
  .refine(fitsRole, appsOfRole)
  .meta(appsOfRoleSchema);
export const inviteBody = z
  .strictObject({ email: newEmail, ...roleAndApps })
  .refine(fitsRole, appsOfRole)
  .meta(appsOfRoleSchema);
/** The link is shown only once. The inviter sends it to the invited person. */
export const inviteAnswer = z.object({
  invitation,
  url: z.string().describe("The link. Its host comes from the configuration, not from the request"),
  path: z
    .string()
    .describe("The part of the link after the dashboard's address, such as `/invitation#TOKEN`"),
  isUrlKnown: z
    .boolean()
    .describe("False if no public URL is configured: then `url` works only on the server's own machine"),
});

/** Also for setup: `/dashboard/setup#TOKEN` and `/dashboard/invitation#TOKEN` send the same two requests. */
export const openInvitationBody = z.strictObject({ token: linkToken });
export const openInvitationAnswer = z.object({
  isSetup: z.boolean(),
  email: z.string().nullable().describe("Null for the setup link: the owner enters an address"),
  role,
  expiresAt: time,
});
/** Creates the account and logs in. `email` is for setup only. */
export const acceptInvitationBody = z.strictObject({
  token: linkToken,
  email: newEmail.optional(),
  name,
  password: newPassword,
});

function fitsRole({ role, appIds }: { role: Role; appIds: string[] | null }): boolean {
  return role === "viewer" || (role === "developer") === (appIds !== null);
}

nameSchemas({
  Role: role,
  Person: person,
  SessionAnswer: sessionAnswer,
  Session: session,
  Invitation: invitation,
  OpenInvitation: openInvitationAnswer,
});

/** The value of `?error=` after a failed login at the provider. */
export type { OidcRefusal } from "../../people/oidc-login.ts";
export type PasswordLengthMin = typeof passwordLengthMin;
export type PasswordLengthMax = typeof passwordLengthMax;
export type Role = z.infer<typeof role>;
export type Person = z.infer<typeof person>;
export type Session = z.infer<typeof session>;
export type Invitation = z.infer<typeof invitation>;
