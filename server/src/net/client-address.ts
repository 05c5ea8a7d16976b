/** Whose request it is: the socket's address, or the one that trusted proxies tell. */
import { isIP } from "node:net";
import { ownText } from "../protocol/own-text.ts";
import { AddressRanges, isLoopback, plainAddress } from "./ip-address.ts";

/** The runtime's server: it knows the socket of each request. */
export interface RequestSockets {
  requestIP(request: Request): { readonly address: string } | null;
}

/** Each of them says that a proxy passed the request on. */
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

  /** @param trustedProxies addresses and ranges of the proxies whose `X-Forwarded-For` is believed */
  constructor(trustedProxies: readonly string[]) {
    this.#trusted = new AddressRanges(trustedProxies);
  }

  /** The client's address; empty where the socket is gone. */
  of(request: Request, sockets: RequestSockets): string {
    return this.find(socketAddressOf(request, sockets), request.headers.get("x-forwarded-for"));
  }

  /**
   * The request comes from this machine and was meant for it: no proxy passed it on from elsewhere, and no page of
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

  /** Nobody's address but a proxy's: the proxy did not tell whom it passed on. */
  isProxy(address: string): boolean {
    return this.#trusted.has(address);
  }

  /** Reads `X-Forwarded-For` from the right, past every trusted proxy, and believes nobody else's word. */
  find(socketAddress: string, forwardedFor: string | null): string {
    let address = plainAddress(socketAddress);
    if (forwardedFor === null) return address;
    const hops = forwardedFor.split(",").map((hop) => plainAddress(withoutPort(hop.trim())));
    while (this.#trusted.has(address)) {
      const previous = hops.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      // It is kept as long as its connection, and the header can be long.
      address = ownText(previous);
    }
    return address;
  }
}

function socketAddressOf(request: Request, sockets: RequestSockets): string {
  return sockets.requestIP(request)?.address ?? "";
}

/** As the `Host` header has it; without one the request names no other host. */
function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "" || name.toLowerCase() === "localhost" || isLoopback(name);
}

/** Some proxies write `203.0.113.9:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
