/** The certificate of the server, read from two files that another program renews. */
import { readFileSync, statSync } from "node:fs";

export interface CertificateText {
  readonly cert: string;
  readonly key: string;
}

export class Certificate {
  readonly #certFile: string;
  readonly #keyFile: string;
  #readState = "";

  constructor(certFile: string, keyFile: string) {
    this.#certFile = certFile;
    this.#keyFile = keyFile;
  }

  /** @throws if a file cannot be read */
  read(): CertificateText {
    this.#readState = this.#state();
    return { cert: readFileSync(this.#certFile, "utf8"), key: readFileSync(this.#keyFile, "utf8") };
  }

  /** True once after each change of the files. A file that is missing for a moment counts as unchanged. */
  hasChanged(): boolean {
    const state = this.#state();
    if (state === "" || state === this.#readState) return false;
    this.#readState = state;
    return true;
  }

  #state(): string {
    const stats = [this.#certFile, this.#keyFile].map((file) => statSync(file, { throwIfNoEntry: false }));
    if (stats.includes(undefined)) return "";
    return stats.map((stat) => `${stat?.mtimeMs} ${stat?.ino} ${stat?.size}`).join(" ");
  }
}
