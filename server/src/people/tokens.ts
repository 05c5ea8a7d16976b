/** Random tokens of links and cookies. Only their hashes are stored, so a reader of the database cannot use them. */
import { createHash, randomBytes } from "node:crypto";

const tokenBytes = 32;

export function newToken(): string {
  return randomBytes(tokenBytes).toString("base64url");
}

/** SHA-256 in hex. A token is random and long, so it cannot be found from a fast hash. */
export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function newId(): string {
  return randomBytes(12).toString("hex");
}
