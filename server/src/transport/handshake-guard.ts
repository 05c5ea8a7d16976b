/** Decides whether a new client may connect: the same rules for WebSocket and for the HTTP fallbacks. */
import type { OpenConnection } from "../actions/open-connection.ts";
import type { ActivityOf } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { Peer } from "../core/connection.ts";
import type { ClientAddresses, RequestSockets } from "../net/client-address.ts";
import { errorPage, helpHeader } from "../protocol/error-page.ts";
import { CloseConnection } from "../protocol/errors.ts";
import { type Handshake, parseHandshake, sdkName } from "../protocol/handshake.ts";
import type { AddressLimits } from "./address-limits.ts";

export interface HandshakeLimits {
  /** The error message if every handshake must be answered 503 now; null otherwise. */
  readonly overload: () => string | null;
  /**
   * Called when a handshake was answered 429, with its error message: the address has too many connections or
   * handshakes.
   */
  readonly onTooMany: (sentence: string) => void;
}

export type HandshakeResult =
  | { readonly outcome: "accepted"; readonly app: App; readonly peer: Peer }
  | {
      readonly outcome: "refused";
      /** The door reports this activity after it has sent the error to the client. */
      readonly activity: ActivityOf<"handshake_refused">;
      readonly refusal: CloseConnection;
    };

/** The client's address. */
export function addressIn(result: HandshakeResult): string {
  return result.outcome === "accepted" ? result.peer.address : result.activity.sender.address;
}

export class HandshakeGuard {
  /** Counts the open connections of each address. Every door reports the connections that it opens and closes. */
  readonly addressLimits: AddressLimits;
  readonly #open: Pick<OpenConnection, "find" | "check">;
  readonly #limits: HandshakeLimits;
  readonly #addresses: ClientAddresses;
  #latestPeer: Peer | null = null;

  constructor(
    open: Pick<OpenConnection, "find" | "check">,
    limits: HandshakeLimits,
    addresses: ClientAddresses,
    addressLimits: AddressLimits,
  ) {
    this.#open = open;
    this.#limits = limits;
    this.#addresses = addresses;
    this.addressLimits = addressLimits;
  }

  addressOf(request: Request, sockets: RequestSockets): string {
    return this.#addresses.of(request, sockets);
  }

  /** The answer if the server or the address has too many connections or handshakes; null otherwise. */
  refuse(address: string): Response | null {
    const overload = this.#limits.overload();
    if (overload !== null) return tryLater(503, overload);
    const tooMany = this.addressLimits.refusal(address);
    if (tooMany === null) return null;
    this.#limits.onTooMany(tooMany);
    return tryLater(429, tooMany);
  }

  /**
   * Does not throw a refusal: it is part of the result, because it is sent over the open connection.
   * @param keyOf may throw CloseConnection
   */
  check(keyOf: () => string, query: string, origin: string | null, address: string): HandshakeResult {
    let appKey: string | null = null;
    let app: App | null = null;
    try {
      appKey = keyOf();
      app = this.#open.find(appKey);
      this.#open.check(app, origin);
      const handshake = shared(parseHandshake(new URLSearchParams(query)));
      return { outcome: "accepted", app, peer: this.#sharedPeer(address, origin, handshake) };
    } catch (error) {
      if (!(error instanceof CloseConnection)) throw error;
      const { code, message: reason } = error;
      const about = { appId: app?.id ?? null, appKey, code, reason, sender: { address, sdk: sdkOf(query) } };
      return { outcome: "refused", activity: { type: "handshake_refused", ...about }, refusal: error };
    }
  }

  /** Clients behind one proxy come one after another with the same values: they share one object. */
  #sharedPeer(address: string, origin: string | null, handshake: Handshake): Peer {
    const latest = this.#latestPeer;
    if (latest?.address === address && latest.origin === origin && latest.handshake === handshake)
      return latest;
    this.#latestPeer = { address, origin, handshake };
    return this.#latestPeer;
  }
}

const handshakes = new Map<string, Handshake>();
const handshakesMax = 1_000;

/**
 * Shares one object between all connections with the same client name and version, because there are few combinations.
 */
function shared(handshake: Handshake): Handshake {
  const key = `${handshake.protocol} ${handshake.client} ${handshake.version}`;
  const known = handshakes.get(key);
  if (known !== undefined) return known;
  if (handshakes.size < handshakesMax) handshakes.set(key, handshake);
  return handshake;
}

/** The SDK of a rejected query. */
function sdkOf(query: string): string | null {
  const given = new URLSearchParams(query);
  const [client, version] = ["client", "version"].map((name) => (given.get(name) ?? "").slice(0, 64));
  return sdkName({ client: client ?? "", version: version ?? "" });
}

/** The response while a limit is reached. The client may retry, because the limit may soon not be reached any more. */
export function tryLater(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: { "Retry-After": "5", [helpHeader]: errorPage.handshake(status) },
  });
}
