/** Which addresses webhooks may be sent to. Users choose the URLs, so they must not reach what only this host can. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { urlProblem } from "../core/webhook.ts";
import { AddressRanges } from "../net/ip-address.ts";

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** A URL with the address to connect to: no name is looked up after the check. */
export interface Target {
  readonly url: URL;
  readonly address: Address;
}

export interface TargetRules {
  /** CIDRs or single addresses that may be reached although they are private. */
  readonly allow: readonly string[];
  /** Plain http to public addresses; to the allowed ones it always may. */
  readonly isHttpAllowed: boolean;
}

/** @throws where the name does not exist */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The message names no address but the URL's own; `detail` does, for those who run the server. */
export class TargetRefused extends Error {
  readonly detail: string;

  constructor(message: string, detail = message) {
    super(message);
    this.detail = detail;
  }
}

/** IANA's special-purpose ranges, multicast, and those that carry an IPv4 address inside an IPv6 one. */
const privateRanges = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"],
  ...["3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];

const blocked = new AddressRanges(privateRanges);

export class TargetGuard {
  readonly #allowed: AddressRanges;
  readonly #isHttpAllowed: boolean;
  readonly #resolve: Resolve;

  constructor(rules: TargetRules, resolve: Resolve = resolveByName) {
    this.#allowed = new AddressRanges(rules.allow);
    this.#isHttpAllowed = rules.isHttpAllowed;
    this.#resolve = resolve;
  }

  /**
   * Looks the name up and picks an address that may be reached.
   * @throws TargetRefused where there is none, or the URL is not one for webhooks
   */
  async vet(text: string): Promise<Target> {
    const url = parse(text);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(host) === 0 ? await this.#lookUp(host) : [{ address: host, family: isIP(host) }];
    const address = addresses.find((one) => this.#mayReach(one));
    const known = addresses.map((one) => one.address).join(",");
    if (address === undefined)
      throw new TargetRefused(
        `${host} is not ${isIP(host) === 0 ? "at " : ""}a public address: whoever runs the server can allow its network`,
        `${host} is at ${known}, which is not a public address: start the server with SOKETIFY_WEBHOOK_ALLOW=${known} to allow it`,
      );
    if (url.protocol === "http:" && !this.#isHttpAllowed && !this.#allowed.has(address.address))
      throw new TargetRefused(`${url.origin} is plain http: use https`);
    return { url, address };
  }

  async #lookUp(host: string): Promise<readonly Address[]> {
    const addresses = await this.#resolve(host).catch((error: Error) => {
      throw new TargetUnknown(`The name ${host} cannot be looked up`, error.message);
    });
    if (addresses.length === 0) throw new TargetUnknown(`The name ${host} has no address`);
    return addresses;
  }

  #mayReach(address: Address): boolean {
    return !isPrivate(address) || this.#allowed.has(address.address);
  }
}

/** The name does not exist now, which says nothing of tomorrow. */
export class TargetUnknown extends Error {
  /** As with TargetRefused. */
  readonly detail: string;

  constructor(message: string, detail = message) {
    super(message);
    this.detail = detail;
  }
}

function parse(text: string): URL {
  const problem = urlProblem(text);
  if (problem !== null) throw new TargetRefused(problem);
  return new URL(text);
}

function isPrivate(address: Address): boolean {
  // An IPv4 address in IPv6 clothes is nothing that a name honestly resolves to.
  return blocked.has(address.address) || address.address.toLowerCase().startsWith("::ffff:");
}

async function resolveByName(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true });
}
