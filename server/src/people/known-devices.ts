/**
 * Recognizes browsers in which an account was logged in before. Each has a token for that account, which the server
 * verifies and does not store. The token grants no access: it only distinguishes the browser from strangers who guess
 * passwords.
 */
import { randomBytes } from "node:crypto";
import { equalInConstantTime, hmacSha256 } from "../protocol/signature.ts";

const idBytes = 16;

export class KnownDevices {
  readonly #secret: string;

  /** @param secret of the server, as text */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @param email in lower case */
  newToken(email: string): string {
    const id = randomBytes(idBytes).toString("base64url");
    return `${id}.${this.#mac(id, email)}`;
  }

  /** The browser's id; null if the token belongs to another account or server. */
  idOf(token: string | null, email: string): string | null {
    const [id = "", mac = ""] = token?.split(".") ?? [];
    return id !== "" && equalInConstantTime(this.#mac(id, email), mac) ? id : null;
  }

  #mac(id: string, email: string): string {
    return hmacSha256(this.#secret, `device/${id}/${email}`);
  }
}
