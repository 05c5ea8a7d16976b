import { expect, test } from "bun:test";
import { envNameOf, optionKeys } from "./config.ts";
import { isServiceLink } from "./kubernetes.ts";

/** The variables that the kubelet sets for a Service with one unnamed and one named port. */
function linksOf(prefix: string): Record<string, string> {
  const links: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: "10.0.0.1",
    [`${prefix}_SERVICE_PORT`]: "6001",
    [`${prefix}_SERVICE_PORT_HTTP`]: "6001",
    [`${prefix}_SERVICE_PORT_WEB_SOCKET_2`]: "6002",
    [`${prefix}_PORT`]: "tcp://10.0.0.1:6001",
  };
  for (const protocol of ["TCP", "UDP", "SCTP"]) {
    const port = `${prefix}_PORT_6001_${protocol}`;
    links[port] = `${protocol.toLowerCase()}://10.0.0.1:6001`;
    links[`${port}_PROTO`] = protocol.toLowerCase();
    links[`${port}_PORT`] = "6001";
    links[`${port}_ADDR`] = "10.0.0.1";
  }
  return links;
}

const services = [
  "SOKETIFY",
  "SOKETIFY_REDIS",
  "SOKETIFY_METRICS",
  "SOKETIFY_DASHBOARD",
  "SOKETIFY_2",
  "SOKETI",
];

test.each(services.flatMap((service) => Object.entries(linksOf(service))))(
  "%s=%s is a link",
  (name, value) => {
    expect(isServiceLink(name, value)).toBe(true);
  },
);

test("an IPv6 cluster's port is a link too", () => {
  expect(isServiceLink("SOKETIFY_PORT", "tcp://[fd00::1]:6001")).toBe(true);
});

test("no option is recognized as a link, whatever number it contains", () => {
  expect(optionKeys.map(envNameOf).filter((name) => isServiceLink(name, "6001"))).toEqual([]);
});

test("a mistyped option is not a link", () => {
  const mistyped = ["SOKETIFY_PROT", "SOKETIFY_WEB_PORT", "SOKETIFY_SERVICE", "SOKETIFY_PORT_6001"];
  expect(mistyped.filter((name) => isServiceLink(name, "6001"))).toEqual([]);
});
