/** The ports that the server listens on, and the certificate that they share. */
import type { Config } from "../config/config.ts";
import { Certificate } from "../transport/certificate.ts";
import { Listener } from "../transport/listener.ts";
import { Port } from "../transport/port.ts";

export interface Ports {
  readonly clients: Listener;
  /** Null if the dashboard is on the clients' port. */
  readonly dashboard: Port | null;
  /** Null if the metrics are on the clients' port. Always plain HTTP. */
  readonly metrics: Port | null;
  readonly certificate: Certificate | null;
}

/** Creates the ports; none listens yet. @throws if the certificate cannot be read */
export function createPorts(config: Config, onBug: (error: unknown) => void): Ports {
  const { host, hstsMaxAgeS, tlsCertFile, tlsKeyFile, dashboardPort, metricsHost, metricsPort } = config;
  const certificate =
    tlsCertFile === null || tlsKeyFile === null ? null : new Certificate(tlsCertFile, tlsKeyFile);
  const options = {
    host,
    hstsMaxAgeS,
    onBug,
    tls: certificate?.read() ?? null,
    isShared: config.workers > 1,
  };
  return {
    clients: new Listener(
      { ...options, port: config.port },
      { frameBytes: config.backpressureBytesMax / 4, sentBytes: unsentBytesPerApp(config) / 4 },
    ),
    dashboard: dashboardPort === null ? null : new Port({ ...options, port: dashboardPort }),
    metrics:
      metricsPort === null
        ? null
        : new Port({ ...options, host: metricsHost ?? host, port: metricsPort, tls: null, isShared: false }),
    certificate,
  };
}

/** The limit of unsent bytes of an app's WebSocket connections: at least that of one connection. */
export function unsentBytesPerApp({ backpressureBytesMax, backpressureBytesPerAppMax }: Config): number {
  return Math.max(backpressureBytesMax, backpressureBytesPerAppMax);
}

/** All ports that exist. */
export function allPorts({
  clients,
  dashboard,
  metrics,
}: Ports): readonly Pick<Port, "stopListening" | "stopNow">[] {
  return [clients, dashboard, metrics].filter((port) => port !== null);
}

/** Loads the certificate files for new connections. @throws if they are not valid; the old certificate stays in use */
export function reloadTls({ clients, dashboard, certificate }: Ports): void {
  if (certificate === null) return;
  const tls = certificate.read();
  for (const port of [clients, dashboard]) port?.replaceTls(tls);
}
