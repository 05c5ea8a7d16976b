/** Reads the sender of a backend's request. */
import type { Sender } from "../core/sender.ts";
import { ownText } from "../protocol/own-text.ts";

export interface RequestSource {
  /** The client's IP address; empty if it is not known. */
  readonly address: string;
}

const sdkLengthMax = 100;

/** The official SDKs send `X-Pusher-Library`; most other clients send a `User-Agent`. */
export function senderOf({ headers }: Request, { address }: RequestSource): Sender {
  const sdk = headers.get("x-pusher-library") ?? headers.get("user-agent");
  return { address, sdk: sdk === null ? null : ownText(sdk.slice(0, sdkLengthMax)) };
}

/** Reads the sender when it is first used: a publish needs it only if there are listeners. */
export function senderOnDemand(request: Request, source: RequestSource): Sender {
  let sdk: string | null | undefined;
  return {
    get address() {
      return source.address;
    },
    get sdk() {
      if (sdk === undefined) sdk = senderOf(request, source).sdk;
      return sdk;
    },
  };
}
