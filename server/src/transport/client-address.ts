/** Whose request it is: the socket's address, or what trusted proxies say before it. */
import { BlockList, isIP } from "node:net";

export type ClientAddress = (socketAddress: string, forwardedFor: string | null) => string;

/** Reads `X-Forwarded-For` from the right, past every trusted proxy, and believes nobody else's word. */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const cidr of trustedProxies) {
    const [address = "", bits] = cidr.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  return function clientAddress(socketAddress, forwardedFor) {
    let address = plain(socketAddress);
    if (forwardedFor === null || trustedProxies.length === 0) return address;
    const hops = forwardedFor.split(",").map((hop) => plain(withoutPort(hop.trim())));
    while (isTrusted(address)) {
      const previous = hops.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      address = previous;
    }
    return address;
  };
}

/** Some proxies write `203.0.113.9:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** An IPv4 address that came over an IPv6 socket, as the IPv4 address that it is. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
