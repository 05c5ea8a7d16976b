/** Who does something that the audit log notes. */

export type ActorKind = (typeof actorKinds)[number];

/**
 * A name alone says little: a token can be called as somebody's e-mail address.
 *
 * `person`: an account of the dashboard. `token`: an API token that somebody made. `adminToken`: the token of the
 * configuration. `cli`: a command on the server's machine. `server`: the server itself, as at its start.
 * `anonymous`: nobody that the server knows.
 */
export const actorKinds = ["person", "token", "adminToken", "cli", "server", "anonymous"] as const;

export interface Actor {
  readonly kind: ActorKind;
  /** Of the account or the token; null for the other kinds. */
  readonly id: string | null;
  /** A person's e-mail address, a token's name, or what the server calls itself. */
  readonly name: string;
  /** The IP address that they come from. */
  readonly address: string | null;
}

export function serverActor(name: string): Actor {
  return { kind: "server", id: null, name, address: null };
}

export const cliActor: Actor = { kind: "cli", id: null, name: "cli", address: null };

/** In the audit log's words. */
export function noted({ kind, id, name, address }: Actor) {
  return { actorKind: kind, actorId: id, actor: name, address } as const;
}

/** For what remembers its maker as text. No e-mail address has a space, so no token passes for a person. */
export function actorLabel({ kind, name }: Pick<Actor, "kind" | "name">): string {
  return kind === "token" ? `token ${name}` : name;
}
