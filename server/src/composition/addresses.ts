/** The URLs of the server for clients, the dashboard and commands. */
import type { ClientAddress } from "../admin-api/contracts/server.ts";
import type { Config } from "../config/config.ts";
import { hostInUrl, loopbackFor } from "../config/host.ts";

export class Addresses {
  readonly #config: Config;
  /** The actual ports. With port 0 they are known only after listening began. */
  port: number;
  dashboardPort: number | null;

  constructor(config: Config) {
    this.#config = config;
    this.port = config.port;
    this.dashboardPort = config.dashboardPort;
  }

  /** The URL for clients and backends, without the path prefix. */
  get client(): string {
    return originOf(this.#config.publicUrl) ?? this.#onThisMachine(this.port);
  }

  get dashboard(): string {
    const origin = this.dashboardOrigin ?? this.#onThisMachine(this.dashboardPort ?? this.port);
    return `${origin}${this.#config.pathPrefix}/dashboard`;
  }

  /** The origin of the dashboard; null: any host that browsers use. */
  get dashboardOrigin(): string | null {
    const { dashboardUrl, dashboardPort, publicUrl } = this.#config;
    // publicUrl describes the main port only, not the dashboard's own port.
    return originOf(dashboardUrl) ?? (dashboardPort === null ? originOf(publicUrl) : null);
  }

  /** Whether browsers reach the dashboard only over TLS. */
  get isDashboardSecure(): boolean {
    return this.dashboardOrigin?.startsWith("https:") ?? this.#config.tlsCertFile !== null;
  }

  /** The one-time setup link with this token; null without a token. */
  setup(token: string | null): string | null {
    return token === null ? null : `${this.dashboard}/setup#${token}`;
  }

  /** For commands on this machine: the URLs of the admin API and of the main port, with the path prefix. */
  get local() {
    const { pathPrefix } = this.#config;
    return {
      url: `${this.#onThisMachine(this.dashboardPort ?? this.port)}${pathPrefix}`,
      clientUrl: `${this.#onThisMachine(this.port)}${pathPrefix}`,
    };
  }

  /** The client address as the admin API returns it. */
  get clientAddress(): ClientAddress {
    const { publicUrl, pathPrefix } = this.#config;
    return {
      publicUrl: originOf(publicUrl),
      port: this.dashboardPort === null ? null : this.port,
      pathPrefix,
    };
  }

  /**
   * The Content-Security-Policy source of the dashboard's WebSockets.
   * @param pageUrl the requested URL of the page
   * @returns null if it is the page's own host
   */
  socketSource(pageUrl: string): string | null {
    const page = new URL(pageUrl);
    const { publicUrl, port } = this.clientAddress;
    const client = new URL(publicUrl ?? page.origin);
    if (publicUrl === null && port !== null) client.port = String(port);
    // The host comes from the request: it must not inject anything else into the header.
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
