/** Where the server is reached, and by whom. */
import type { ClientAddress } from "../admin-api/contracts/server.ts";
import type { Config } from "../config/config.ts";
import { hostInUrl, loopbackFor } from "../config/host.ts";

export class Addresses {
  readonly #config: Config;
  /** The ports that are listened on, which with port 0 are known only then. */
  port: number;
  dashboardPort: number | null;

  constructor(config: Config) {
    this.#config = config;
    this.port = config.port;
    this.dashboardPort = config.dashboardPort;
  }

  /** For clients and backends, without the path prefix. */
  get client(): string {
    return originOf(this.#config.publicUrl) ?? this.#onThisMachine(this.port);
  }

  get dashboard(): string {
    const origin = this.dashboardOrigin ?? this.#onThisMachine(this.dashboardPort ?? this.port);
    return `${origin}${this.#config.pathPrefix}/dashboard`;
  }

  /** Null: whatever host browsers ask for. */
  get dashboardOrigin(): string | null {
    const { dashboardUrl, dashboardPort, publicUrl } = this.#config;
    // A proxy before the main port says nothing about the other one.
    return originOf(dashboardUrl) ?? (dashboardPort === null ? originOf(publicUrl) : null);
  }

  /** Browsers reach the dashboard over TLS alone. */
  get isDashboardSecure(): boolean {
    return this.dashboardOrigin?.startsWith("https:") ?? this.#config.tlsCertFile !== null;
  }

  /** The one-time link with this token. */
  setup(token: string | null): string | null {
    return token === null ? null : `${this.dashboard}/setup#${token}`;
  }

  /** For the commands on this machine: the roots of the admin API and of the main port, path prefix included. */
  get local() {
    const { pathPrefix } = this.#config;
    return {
      url: `${this.#onThisMachine(this.dashboardPort ?? this.port)}${pathPrefix}`,
      clientUrl: `${this.#onThisMachine(this.port)}${pathPrefix}`,
    };
  }

  /** What the admin API tells of where clients go. */
  get told(): ClientAddress {
    const { publicUrl, pathPrefix } = this.#config;
    return {
      publicUrl: originOf(publicUrl),
      port: this.dashboardPort === null ? null : this.port,
      pathPrefix,
    };
  }

  /**
   * Where the dashboard's page opens WebSockets, as a Content-Security-Policy names it.
   * @param pageUrl as the page was asked for; null is answered where it is the page's own host
   */
  socketSource(pageUrl: string): string | null {
    const page = new URL(pageUrl);
    const { publicUrl, port } = this.told;
    const client = new URL(publicUrl ?? page.origin);
    if (publicUrl === null && port !== null) client.port = String(port);
    // The host is what the request said: nothing else may get into the header with it.
    if (client.host === page.host || !/^[\w.:[\]-]+$/.test(client.host)) return null;
    return `${client.protocol === "https:" ? "wss" : "ws"}://${client.host}`;
  }

  #onThisMachine(port: number): string {
    const { host, tlsCertFile } = this.#config;
    const name = loopbackFor(host) === null ? hostInUrl(host) : "localhost";
    return `${tlsCertFile === null ? "http" : "https"}://${name}:${port}`;
  }
}

function originOf(url: string | null): string | null {
  return url === null ? null : new URL(url).origin;
}
