/** Recognizes the variables that Kubernetes sets in each pod for the Services of its namespace. */

const byName = /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
/** `SOKETIFY_PORT` is also an option, and a Service `soketify-metrics` sets `SOKETIFY_METRICS_PORT`. */
const portName = /_PORT$/;
const portValue = /^(tcp|udp|sctp):\/\//i;

/**
 * True for the variables of a Service, such as one named `soketify`: `SOKETIFY_SERVICE_HOST`,
 * `SOKETIFY_PORT=tcp://10.0.0.1:6001`, `SOKETIFY_PORT_6001_TCP_ADDR`, …
 */
export function isServiceLink(name: string, value: string | undefined): boolean {
  return byName.test(name) || (portName.test(name) && portValue.test(value ?? ""));
}
