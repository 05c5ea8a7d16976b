/**
 * Browsers in which somebody was logged in before. Each keeps a token for that account alone, which the server can check
 * and need not remember. It opens nothing: it only sets its browser apart from strangers who guess.
 */
import { randomBytes } from "node:crypto";
import { equalInConstantTime, hmacSha256 } from "../protocol/signature.ts";

const idBytes = 16;

export class KnownDevices {
  readonly #secret: string;

  /** @param secret of the server */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @param email in lower case */
  newToken(email: string): string {
    const id = randomBytes(idBytes).toString("base64url");
    return `${id}.${this.#mac(id, email)}`;
  }

  /** What tells this browser from others. Null where the token is another account's, or none of this server's. */
  idOf(token: string | null, email: string): string | null {
    const [id = "", mac = ""] = token?.split(".") ?? [];
    return id !== "" && equalInConstantTime(this.#mac(id, email), mac) ? id : null;
  }

  #mac(id: string, email: string): string {
    return hmacSha256(this.#secret, `device/${id}/${email}`);
  }
}
