/** AES-256-GCM with a random nonce: seals text so that it opens only with the same key and context. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const version = "v1.";

export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param context identifies the record of the text, such as `app/1/secret/abc`. Only the same context opens it. */
  seal(text: string | Buffer, context: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes }).setAAD(
      Buffer.from(context),
    );
    const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return version + sealed.toString("base64url");
  }

  /** @throws SecretUnreadable if the key or the context differs, or the text was altered */
  open(sealed: string, context: string): Buffer {
    const bytes = Buffer.from(sealed.slice(version.length), "base64url");
    if (!sealed.startsWith(version) || bytes.length < nonceBytes + tagBytes)
      throw new SecretUnreadable(`The value stored as ${context} was not sealed by this program`);
    const nonce = bytes.subarray(0, nonceBytes);
    const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch {
      // The cipher's own error only says that the tag differs.
      throw new SecretUnreadable(
        `${context} cannot be decrypted: it was sealed with another key, or altered`,
      );
    }
  }
}

export class SecretUnreadable extends Error {}
