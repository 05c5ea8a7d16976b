/**
 * Decides which addresses webhooks may reach. Users choose the URLs, so they must not reach private networks of this
 * host.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { urlProblem } from "../core/webhooks/webhook.ts";
import { AddressRanges, withoutBrackets } from "../net/ip-address.ts";

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** A URL with the checked address to connect to. The name is not looked up again. */
export interface Target {
  readonly url: URL;
  readonly address: Address;
}

export interface TargetRules {
  /** Private CIDRs or addresses that may be reached. */
  readonly allow: readonly string[];
  /** Whether plain http to public addresses is allowed. Plain http to the allowed private addresses always is. */
  readonly isHttpAllowed: boolean;
  /** Whether services of this computer may be reached, also over plain http. Absent: only as `allow` says. */
  readonly isLocalhostAllowed?: () => Promise<boolean>;
}

/** @throws if the name does not exist */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** The message contains no resolved address; `detail` contains it, for the server's operators. */
export class TargetRefused extends Error {
  readonly detail: string;

  constructor(message: string, detail = message) {
    super(message);
    this.detail = detail;
  }
}

/** IANA's special-purpose ranges, multicast, and IPv6 ranges that embed IPv4 addresses. */
const privateRanges = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

/** Without IPv4-mapped addresses, as for all other ranges. */
const loopback = new AddressRanges(["127.0.0.0/8", "::1"]);
const blocked = new AddressRanges(privateRanges);

export class TargetGuard {
  readonly #allowed: AddressRanges;
  readonly #isHttpAllowed: boolean;
  readonly #isLocalhostAllowed: () => Promise<boolean>;
  readonly #resolve: Resolve;

  constructor(rules: TargetRules, resolve: Resolve = resolveByName) {
    this.#allowed = new AddressRanges(rules.allow);
    this.#isHttpAllowed = rules.isHttpAllowed;
    this.#isLocalhostAllowed = rules.isLocalhostAllowed ?? (async () => false);
    this.#resolve = resolve;
  }

  /**
   * Looks up the name and picks an address that may be reached.
   * @throws TargetRefused if there is none, or the URL is not allowed for webhooks
   */
  async check(text: string): Promise<Target> {
    const url = parse(text);
    const host = withoutBrackets(url.hostname);
    const addresses = isIP(host) === 0 ? await this.#lookUp(host) : [{ address: host, family: isIP(host) }];
    const isAllowed = await this.#allowedAmong(addresses);
    const address = addresses.find((one) => !isPrivate(one) || isAllowed(one));
    const known = addresses.map((one) => one.address).join(",");
    if (address === undefined)
      throw new TargetRefused(
        `${host} is not ${isIP(host) === 0 ? "at " : ""}a public address: the server's operator can allow its network`,
        `${host} is at ${known}, which is not a public address: start the server with SOKETIFY_WEBHOOK_ALLOW=${known} to allow it`,
      );
    if (url.protocol === "http:" && !this.#isHttpAllowed && !isAllowed(address))
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

  /** Returns whether the operator allowed an address. */
  async #allowedAmong(addresses: readonly Address[]): Promise<(one: Address) => boolean> {
    const isLocalhost =
      addresses.some((one) => loopback.has(one.address)) && (await this.#isLocalhostAllowed());
    return ({ address }) => this.#allowed.has(address) || (isLocalhost && loopback.has(address));
  }
}

/** The name does not exist now; it may exist later. */
export class TargetUnknown extends Error {
  /** As in TargetRefused. */
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
  // A public name does not normally resolve to an IPv4-mapped IPv6 address.
  return blocked.has(address.address) || address.address.toLowerCase().startsWith("::ffff:");
}

async function resolveByName(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true });
}
