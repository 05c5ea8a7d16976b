/** Where the server is reached, and by whom. */
import type { Config } from "./config/config.ts";

export class Addresses {
  readonly #config: Config;
  /** The one that is listened on, which with port 0 is known only then. */
  port: number;

  constructor(config: Config) {
    this.#config = config;
    this.port = config.port;
  }

  /** Where clients reach it, without the path prefix. */
  get client(): string {
    return this.#config.publicUrl ?? this.#local;
  }

  get dashboard(): string {
    return `${this.client}${this.#config.pathPrefix}/dashboard`;
  }

  /** The one-time link with this token. */
  setup(token: string | null): string | null {
    return token === null ? null : `${this.dashboard}/setup#${token}`;
  }

  /** For the commands on this machine: the root of the admin API. */
  get local(): string {
    return `${this.#local}${this.#config.pathPrefix}`;
  }

  get #local(): string {
    const { host, tlsCertFile } = this.#config;
    const name = ["0.0.0.0", "::"].includes(host) ? "localhost" : host;
    return `${tlsCertFile === null ? "http" : "https"}://${name}:${this.port}`;
  }
}
