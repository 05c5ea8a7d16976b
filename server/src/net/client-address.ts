/** Finds the client's address of a request: the socket's address, or the one that trusted proxies forward. */
import { isIP } from "node:net";
import { ownText } from "../protocol/own-text.ts";
import { AddressRanges, isLoopback, plainAddress, withoutBrackets } from "./ip-address.ts";

/** The runtime's server, which returns the socket address of a request. */
export interface RequestSockets {
  requestIP(request: Request): { readonly address: string } | null;
}

/** Any of these headers means that a proxy forwarded the request. */
const proxyHeaders = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];

export class ClientAddresses {
  readonly #trusted: AddressRanges;
  readonly #trustsNobody: boolean;

  /** @param trustedProxies addresses and ranges of the proxies whose `X-Forwarded-For` is trusted */
  constructor(trustedProxies: readonly string[]) {
    this.#trusted = new AddressRanges(trustedProxies);
    this.#trustsNobody = trustedProxies.length === 0;
  }

  /** The client's address; empty if the socket is closed. */
  of(request: Request, sockets: RequestSockets): string {
    const forwardedFor = this.#trustsNobody ? null : request.headers.get("x-forwarded-for");
    return this.find(socketAddressOf(request, sockets), forwardedFor);
  }

  /**
   * Whether the request comes from this machine and has a loopback Host: no proxy forwarded it, and no page of
   * another site made a browser send it.
   */
  isFromThisMachine(request: Request, sockets: RequestSockets): boolean {
    const { headers } = request;
    return (
      isLoopback(socketAddressOf(request, sockets)) &&
      isLoopbackHost(headers.get("host") ?? "") &&
      !proxyHeaders.some((name) => headers.has(name))
    );
  }

  /** Whether the address is a trusted proxy's, which did not forward the client's address. */
  isProxy(address: string): boolean {
    return this.#trusted.has(address);
  }

  /** Reads `X-Forwarded-For` from the right, past trusted proxies, to the first address that is not one of them. */
  find(socketAddress: string, forwardedFor: string | null): string {
    let address = plainAddress(socketAddress);
    if (forwardedFor === null) return address;
    const hops = forwardedFor.split(",").map((hop) => plainAddress(withoutPort(hop.trim())));
    while (this.#trusted.has(address)) {
      const previous = hops.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      // The address is stored with its connection; a slice would keep the whole header.
      address = ownText(previous);
    }
    return address;
  }
}

function socketAddressOf(request: Request, sockets: RequestSockets): string {
  return sockets.requestIP(request)?.address ?? "";
}

/** True for a loopback `Host` header, and for a request without one. */
function isLoopbackHost(host: string): boolean {
  const name = withoutBrackets(host.replace(/:\d+$/, ""));
  return name === "" || name.toLowerCase() === "localhost" || isLoopback(name);
}

/** Some proxies write `203.0.113.9:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
