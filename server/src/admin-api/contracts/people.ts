/** The shapes of `/api/v1` for people: login, the second factor, sessions, roles, invitations. */
import { z } from "zod";
import { passwordLengthMax, passwordLengthMin } from "../../people/password-strength.ts";
import { appIdText, nextCursor, pageQuery, time, total } from "./common.ts";

/** Goes with every changing request of a browser that is logged in; the value is in `GET /session`. */
export const csrfHeader = "x-csrf-token";

const email = z.email().max(254).toLowerCase();
const personName = z.string().trim().min(1).max(100);
/** Judged with a sentence of its own: `password_too_weak`. */
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
    "The apps that the person is held to; null: all. Owners and admins have all, developers a list, viewers either",
  );
/** From a link: what follows its `#`. */
const linkToken = z.string().min(1).max(100);

const role = z.enum(["owner", "admin", "developer", "viewer"]);
const roleAndApps = { role, appIds };
const appsOfRole = {
  path: ["appIds"],
  message: "must be a list for a developer, null for an owner or admin, either for a viewer",
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

/** Answered to anybody: where nobody is logged in, it says how one may log in. */
export const sessionAnswer = z.object({
  person: person.nullable().describe("Null if nobody is logged in"),
  csrfToken: z.string().nullable().describe("Send it as X-CSRF-Token; null if nobody is logged in"),
  needsSetup: z
    .boolean()
    .describe("True if there is no account yet: the server's setup link creates the owner"),
  needsSecondFactor: z
    .boolean()
    .describe("The password or the OIDC login was right: `POST /session/second-factor` is to follow"),
  oidcName: z.string().nullable().describe("The label of the OIDC button; null without OIDC"),
});
export const loginBody = z.strictObject({ email, password });
/** With `needsSecondFactor` nobody is logged in until `POST /session/second-factor`, within ten minutes. */
export const loginAnswer = z.object({ needsSecondFactor: z.boolean() });
const totpCode = z.string().regex(/^[0-9]{6}$/, "must be 6 digits");
const code = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("totp"), code: totpCode }),
  z.strictObject({ kind: z.literal("backupCode"), code: z.string().trim().min(1).max(100) }),
]);
export const secondFactorBody = code;
/** Where to send the browser; it comes back to `/dashboard` logged in, or with `?error=` in the address. */
export const oidcAnswer = z.object({ url: z.string() });

// The caller's own account

export const changeAccountBody = z.strictObject({ name: personName });
export const accountAnswer = z.object({ person });
export const changePasswordBody = z.strictObject({ currentPassword: password, newPassword });
export const passwordBody = z.strictObject({ password });
/** The password alone does not do: a code of the authenticator or a backup code goes with it, and is used up. */
export const removeSecondFactorBody = z.strictObject({ password, code });
/** Not in force until `POST /account/second-factor/confirm` has seen a code. */
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
  invitations: z.array(invitation).describe("All that are open, on each page"),
});
export const personAnswer = z.object({ person });
export const changePersonBody = z.strictObject(roleAndApps).refine(fitsRole, appsOfRole);
export const inviteBody = z.strictObject({ email, ...roleAndApps }).refine(fitsRole, appsOfRole);
/** The link is shown only once. The inviter sends it to the invited person. */
export const inviteAnswer = z.object({
  invitation,
  url: z
    .string()
    .describe("The whole link. It begins as the configuration says, not as the request was addressed"),
  path: z.string().describe("What follows the address of the dashboard in it, such as `/invitation#TOKEN`"),
  isUrlKnown: z
    .boolean()
    .describe(
      "False where the server was not told under which URL it is reached: `url` is for its own machine",
    ),
});

/** Setup is an invitation too: `/dashboard/setup#TOKEN` and `/dashboard/invitation#TOKEN` ask the same two requests. */
export const openInvitationBody = z.strictObject({ token: linkToken });
export const openInvitationAnswer = z.object({
  isSetup: z.boolean(),
  email: z.string().nullable().describe("Null at setup: the owner says which"),
  role,
  expiresAt: time,
});
/** Makes the account and logs in. `email` is for setup only. */
export const acceptInvitationBody = z.strictObject({
  token: linkToken,
  email: email.optional(),
  name: personName,
  password: newPassword,
});

function fitsRole({ role, appIds }: { role: Role; appIds: string[] | null }): boolean {
  return role === "viewer" || (role === "developer") === (appIds !== null);
}

/** What follows `?error=` where a login at the provider failed. */
export type { OidcRefusal } from "../../people/oidc-login.ts";
export type PasswordLengthMin = typeof passwordLengthMin;
export type PasswordLengthMax = typeof passwordLengthMax;
export type Role = z.infer<typeof role>;
export type Person = z.infer<typeof person>;
export type SessionAnswer = z.infer<typeof sessionAnswer>;
export type Session = z.infer<typeof session>;
export type Invitation = z.infer<typeof invitation>;
export type OpenInvitation = z.infer<typeof openInvitationAnswer>;
