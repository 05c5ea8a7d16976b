import { expect, test } from "bun:test";
import { ClientAddresses } from "./client-address.ts";

const proxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"];

const cases: [string, readonly string[], string, string | null, string][] = [
  ["no proxy is trusted", [], "10.0.0.1", "203.0.113.9", "10.0.0.1"],
  ["there is no header", proxies, "10.0.0.1", null, "10.0.0.1"],
  ["a stranger sends the header", proxies, "203.0.113.5", "203.0.113.9", "203.0.113.5"],
  ["a proxy in a trusted network sends it", proxies, "10.9.8.7", "203.0.113.9", "203.0.113.9"],
  ["a proxy that is trusted by its address sends it", proxies, "192.0.2.1", "203.0.113.9", "203.0.113.9"],
  ["a proxy with IPv6 sends it", proxies, "2001:db8::1", "2001:db9::9", "2001:db9::9"],
  ["two proxies stand in between", proxies, "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"],
  ["a client forges an address before its own", proxies, "10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
  ["all hops are trusted", proxies, "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"],
  ["a proxy adds the port", proxies, "10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
  ["a proxy writes IPv6 in brackets", proxies, "10.0.0.1", "[2001:db9::9]", "2001:db9::9"],
  ["a proxy writes IPv6 with a port", proxies, "10.0.0.1", "[2001:db9::9]:4711, 10.0.0.2:80", "2001:db9::9"],
  ["the header is nonsense", proxies, "10.0.0.1", "unknown", "10.0.0.1"],
  ["the header is empty", proxies, "10.0.0.1", "", "10.0.0.1"],
  ["nonsense stands before a proxy", proxies, "10.0.0.1", "x, 10.0.0.2", "10.0.0.2"],
  ["IPv4 comes over an IPv6 socket", proxies, "::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
  ["IPv4 comes over an IPv6 socket and no proxy is trusted", [], "::ffff:203.0.113.9", null, "203.0.113.9"],
];

test.each(cases)("where %s", (_where, trusted, socketAddress, forwardedFor, address) => {
  expect(new ClientAddresses(trusted).find(socketAddress, forwardedFor)).toBe(address);
});

const onSocket = (address: string) => ({ requestIP: () => ({ address }) });
const withHeaders = (headers: Readonly<Record<string, string>>) =>
  new Request("http://localhost/", { headers });

test.each([
  ["127.0.0.1", {}, true],
  ["::1", {}, true],
  ["::ffff:127.0.0.1", {}, true],
  ["192.168.0.7", {}, false],
  ["127.0.0.1", { "x-forwarded-for": "203.0.113.9" }, false],
  ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, false],
  ["127.0.0.1", { forwarded: "for=203.0.113.9" }, false],
  ["127.0.0.1", { "x-real-ip": "203.0.113.9" }, false],
  ["127.0.0.1", { via: "1.1 proxy" }, false],
  ["127.0.0.1", { host: "localhost:6001" }, true],
  ["127.0.0.1", { host: "127.0.0.1" }, true],
  ["::1", { host: "[::1]:6001" }, true],
  ["127.0.0.1", { host: "" }, true],
  ["127.0.0.1", { host: "ws.example.com" }, false],
  ["127.0.0.1", { host: "localhost.example.com:6001" }, false],
])(
  "from %s with %j: from this machine is %p, with any trusted proxies",
  (address, headers, isFromThisMachine) => {
    for (const trusted of [[], ["127.0.0.1", "::1"]]) {
      const addresses = new ClientAddresses(trusted);
      expect(addresses.isFromThisMachine(withHeaders(headers), onSocket(address))).toBe(isFromThisMachine);
    }
  },
);

test("a request with a closed socket has no address and is not from this machine", () => {
  const addresses = new ClientAddresses([]);
  const gone = { requestIP: () => null };
  expect(addresses.of(withHeaders({}), gone)).toBe("");
  expect(addresses.isFromThisMachine(withHeaders({}), gone)).toBe(false);
});
