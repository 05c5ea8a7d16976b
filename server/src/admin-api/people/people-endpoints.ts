/** The endpoints of `/api/v1` for people, in addition to those in endpoints.ts. */

import * as shape from "../contracts/people.ts";
import { type Endpoint, noContent } from "../endpoint.ts";

export interface PeopleEndpoint extends Omit<Endpoint, "permission"> {
  /** The permitted callers: anyone, a caller with a session, or a caller who may manage people. */
  readonly access: "anyone" | "session" | "people.manage";
  /** Statuses of refusals that follow neither from the access nor from the path. */
  readonly refusals?: readonly (401 | 404 | 429)[];
}

export const peopleEndpoints = {
  getSession: {
    method: "get",
    path: "/session",
    summary: "The current login, and the available ways to log in",
    access: "anyone",
    answer: shape.sessionAnswer,
  },
  logIn: {
    method: "post",
    path: "/session",
    summary: "Log in with a password; 429 `too_many_attempts` has the time to wait in Retry-After",
    access: "anyone",
    body: shape.loginBody,
    refusals: [401, 429],
    answer: shape.loginAnswer,
  },
  verifySecondFactor: {
    method: "post",
    path: "/session/second-factor",
    summary: "Finish a login with a code of the authenticator or a backup code",
    access: "anyone",
    body: shape.secondFactorBody,
    refusals: [401, 429],
    ...noContent,
  },
  logInWithOidc: {
    method: "post",
    path: "/session/oidc",
    summary: "Begin a login with OpenID Connect",
    access: "anyone",
    refusals: [404],
    answer: shape.oidcAnswer,
  },
  logOut: { method: "delete", path: "/session", summary: "Log out", access: "session", ...noContent },
  openInvitation: {
    method: "post",
    path: "/invitations/open",
    summary:
      "The details of an invitation or setup link; 404 `invitation_gone` if it was used or has expired",
    access: "anyone",
    body: shape.openInvitationBody,
    refusals: [404],
    answer: shape.openInvitationAnswer,
  },
  acceptInvitation: {
    method: "post",
    path: "/invitations/accept",
    summary: "Create the account of the link, and log in",
    access: "anyone",
    body: shape.acceptInvitationBody,
    refusals: [404],
    refused: "The password is too weak, or the link needs `email` or must not have it",
    ...noContent,
  },

  changeAccount: {
    method: "patch",
    path: "/account",
    summary: "Change the caller's own name",
    access: "session",
    body: shape.changeAccountBody,
    answer: shape.accountAnswer,
  },
  changePassword: {
    method: "post",
    path: "/account/password",
    summary: "Change the caller's own password; renews this session (see `GET /session`) and ends the others",
    access: "session",
    body: shape.changePasswordBody,
    refused: "The new password is too weak",
    ...noContent,
  },
  enrolSecondFactor: {
    method: "post",
    path: "/account/second-factor",
    summary: "Create a TOTP secret and backup codes",
    access: "session",
    body: shape.passwordBody,
    answer: shape.enrolAnswer,
  },
  confirmSecondFactor: {
    method: "post",
    path: "/account/second-factor/confirm",
    summary:
      "Activate the second factor with one of its codes; renews this session (see `GET /session`) and ends the others",
    access: "session",
    body: shape.confirmBody,
    ...noContent,
  },
  removeSecondFactor: {
    method: "post",
    path: "/account/second-factor/remove",
    summary: "Remove the second factor; renews this session (see `GET /session`) and ends the others",
    access: "session",
    body: shape.removeSecondFactorBody,
    ...noContent,
  },
  listSessions: {
    method: "get",
    path: "/sessions",
    summary: "The caller's own sessions, newest first",
    access: "session",
    answer: shape.sessionsAnswer,
  },
  revokeSession: {
    method: "delete",
    path: "/sessions/{sessionId}",
    summary: "End one of the caller's own sessions",
    access: "session",
    ...noContent,
  },
  revokeOtherSessions: {
    method: "delete",
    path: "/sessions",
    summary: "End all other sessions of the caller",
    access: "session",
    ...noContent,
  },

  listPeople: {
    method: "get",
    path: "/people",
    summary: "All accounts, oldest account first, and the open invitations",
    access: "people.manage",
    query: shape.peopleQuery,
    answer: shape.peopleAnswer,
  },
  changePerson: {
    method: "patch",
    path: "/people/{personId}",
    summary:
      "Change a person's role and apps; takes effect immediately, and ends the person's sessions if they lose permissions",
    access: "people.manage",
    body: shape.changePersonBody,
    answer: shape.personAnswer,
  },
  removePerson: {
    method: "delete",
    path: "/people/{personId}",
    summary: "Delete an account and end its sessions",
    access: "people.manage",
    ...noContent,
  },
  invite: {
    method: "post",
    path: "/people/invitations",
    summary: "Create a link with which one person can create an account",
    access: "people.manage",
    status: 201,
    body: shape.inviteBody,
    answer: shape.inviteAnswer,
  },
  withdrawInvitation: {
    method: "delete",
    path: "/people/invitations/{invitationId}",
    summary: "Withdraw an invitation, so that its link stops working",
    access: "people.manage",
    ...noContent,
  },
} as const satisfies { readonly [Name: string]: PeopleEndpoint };
