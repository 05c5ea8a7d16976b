/** The person or program that makes a change, for the audit log. */

export type ActorKind = (typeof actorKinds)[number];

/**
 * The kind is stored beside the name because a token may be named like a person's e-mail address.
 *
 * `person`: an account of the dashboard. `token`: an API token that a person created. `adminToken`: the token of the
 * configuration. `cli`: a command on the server's machine. `server`: the server itself, such as at its start.
 * `anonymous`: an unauthenticated caller.
 */
export const actorKinds = ["person", "token", "adminToken", "cli", "server", "anonymous"] as const;

export interface Actor {
  readonly kind: ActorKind;
  /** The id of the account or the token; null for the other kinds. */
  readonly id: string | null;
  /** A person's e-mail address, a token's name, or a name that the server sets. */
  readonly name: string;
  /** The IP address of the request; null if there is no request. */
  readonly address: string | null;
}

export function serverActor(name: string): Actor {
  return { kind: "server", id: null, name, address: null };
}

export const cliActor: Actor = { kind: "cli", id: null, name: "cli", address: null };

/** The actor's fields of an audit log entry. */
export function auditActor({ kind, id, name, address }: Actor) {
  return { actorKind: kind, actorId: id, actor: name, address } as const;
}

/** The actor as one text. An e-mail address contains no space, so a token's label cannot look like a person's. */
export function actorLabel({ kind, name }: Pick<Actor, "kind" | "name">): string {
  return kind === "token" ? `token ${name}` : name;
}
