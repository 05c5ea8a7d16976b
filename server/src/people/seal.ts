/** Encrypts and authenticates texts with the server's secret, for the database and for cookies. */
import { createHash } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { managedNonce } from "@noble/ciphers/utils.js";

export class Seal {
  readonly #key: Uint8Array;

  /** @param secret 32 random bytes as text */
  constructor(secret: string) {
    this.#key = createHash("sha256").update(secret).digest();
  }

  /**
   * Encrypts a text with XChaCha20-Poly1305. Returns hex with the random nonce first, so each call returns a different
   * text.
   */
  close(text: string): string {
    const sealed = managedNonce(xchacha20poly1305)(this.#key).encrypt(Buffer.from(text));
    return Buffer.from(sealed).toString("hex");
  }

  /** Decrypts a sealed text. @throws if it was sealed with another secret or altered */
  open(sealed: string): string {
    const bytes = managedNonce(xchacha20poly1305)(this.#key).decrypt(Buffer.from(sealed, "hex"));
    return Buffer.from(bytes).toString();
  }
}
