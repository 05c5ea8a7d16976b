/** Reads the sender of a backend's request. */
import type { Sender } from "../core/sender.ts";
import { ownText } from "../protocol/own-text.ts";

export interface RequestSource {
  /** The client's IP address; null if it is not known. It may be computed at each read. */
  readonly address?: string | null;
}

const sdkLengthMax = 100;

export function senderOf({ headers }: Request, { address }: RequestSource): Sender {
  return { address: address ?? "", sdk: sdkOf(headers) };
}

/** The official SDKs send `X-Pusher-Library`; most other clients send a `User-Agent`. */
function sdkOf(headers: Headers): string | null {
  const sdk = headers.get("x-pusher-library") ?? headers.get("user-agent");
  // A header's value is a text of its own. Only a slice needs a copy.
  return sdk !== null && sdk.length > sdkLengthMax ? ownText(sdk.slice(0, sdkLengthMax)) : sdk;
}

/** Reads the sender when it is first used: a publish needs it only if there are listeners. */
export class SenderOnDemand implements Sender {
  readonly #request: Request;
  readonly #source: RequestSource;
  #address: string | null = null;
  #sdk: string | null | undefined;

  constructor(request: Request, source: RequestSource) {
    this.#request = request;
    this.#source = source;
  }

  get address(): string {
    this.#address ??= this.#source.address ?? "";
    return this.#address;
  }

  get sdk(): string | null {
    if (this.#sdk === undefined) this.#sdk = sdkOf(this.#request.headers);
    return this.#sdk;
  }
}
