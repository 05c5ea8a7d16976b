/** Reads the sender of a backend's request. */
import type { Sender } from "../core/sender.ts";
import { ownText } from "../protocol/own-text.ts";

export interface RequestSource {
  /** The client's IP address; null if it is not known. It may be computed at each read. */
  readonly address?: string | null;
}

const sdkLengthMax = 100;

/** The official SDKs send `X-Pusher-Library`; most other clients send a `User-Agent`. */
export function senderOf({ headers }: Request, { address }: RequestSource): Sender {
  const sdk = headers.get("x-pusher-library") ?? headers.get("user-agent");
  // A header's value is a text of its own. Only a slice needs a copy.
  const isLong = sdk !== null && sdk.length > sdkLengthMax;
  return { address: address ?? "", sdk: isLong ? ownText(sdk.slice(0, sdkLengthMax)) : sdk };
}

/** Reads the sender when it is first used: a publish needs it only if there are listeners. */
export class SenderOnDemand implements Sender {
  readonly #request: Request;
  readonly #source: RequestSource;
  #read: Sender | null = null;

  constructor(request: Request, source: RequestSource) {
    this.#request = request;
    this.#source = source;
  }

  get address(): string {
    return this.#sender.address;
  }

  get sdk(): string | null {
    return this.#sender.sdk;
  }

  get #sender(): Sender {
    this.#read ??= senderOf(this.#request, this.#source);
    return this.#read;
  }
}
