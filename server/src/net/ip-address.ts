/** IP addresses as text: their notation, ranges and rate limit keys. */
import { BlockList, isIP } from "node:net";

/** A set of addresses and CIDR ranges. */
export class AddressRanges {
  readonly #list = new BlockList();

  /** @throws Error if one of them is neither an address nor a range such as 10.0.0.0/8 */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = "", bits] = range.split("/");
      const family = isIP(address);
      if (family === 0) throw new Error(`"${range}" is not an address or a range such as 10.0.0.0/8`);
      const allBits = family === 6 ? 128 : 32;
      this.#list.addSubnet(address, bits === undefined ? allBits : Number(bits), nameOf(family));
    }
  }

  /** False for a text that is not an address. */
  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, nameOf(family));
  }
}

const loopbackRanges = new AddressRanges(["127.0.0.0/8", "::1"]);

/** Loopback, private, shared (RFC 6598), link-local and unique-local ranges. */
const privateRanges = new AddressRanges([
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "::1",
  "fc00::/7",
  "fe80::/10",
]);

export function isLoopback(address: string): boolean {
  return loopbackRanges.has(plainAddress(address));
}

export function isPrivate(address: string): boolean {
  return privateRanges.has(plainAddress(address));
}

/** @param host of a URL, or of a `Host` header without its port */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

/** Converts an IPv4-mapped IPv6 address to the IPv4 address; returns any other address unchanged. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/**
 * The key for limits by address: an IPv4 address, or the /64 network of an IPv6 address, which usually belongs to one
 * user.
 */
export function holderOf(address: string): string {
  if (!address.includes(":")) return address;
  const [start, end] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = 8 - (start?.length ?? 0) - (end?.length ?? 0);
  const groups = [...(start ?? []), ...Array<string>(Math.max(0, zeros)).fill("0"), ...(end ?? [])];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

function nameOf(family: number): "ipv4" | "ipv6" {
  return family === 6 ? "ipv6" : "ipv4";
}
