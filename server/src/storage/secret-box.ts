/** AES-256-GCM with a random nonce: seals text so that it opens only with the same key in the same place. */
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

  /** @param place binds the text to where it belongs, as `app/1/secret/abc`: moved elsewhere it does not open */
  seal(text: string | Buffer, place: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes }).setAAD(
      Buffer.from(place),
    );
    const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return version + sealed.toString("base64url");
  }

  /** @throws SecretUnreadable where the key is another, the place is another, or the text was altered */
  open(sealed: string, place: string): Buffer {
    const bytes = Buffer.from(sealed.slice(version.length), "base64url");
    if (!sealed.startsWith(version) || bytes.length < nonceBytes + tagBytes)
      throw new SecretUnreadable(`What is stored as ${place} was not sealed by this program`);
    const nonce = bytes.subarray(0, nonceBytes);
    const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch {
      // The cipher says no more than that the tag differs.
      throw new SecretUnreadable(`${place} does not open: sealed with another key, or altered`);
    }
  }
}

export class SecretUnreadable extends Error {}
