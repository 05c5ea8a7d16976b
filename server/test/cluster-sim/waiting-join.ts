/** An unanswered join. */
import type { Pending } from "../../src/core/ports/line.ts";
import type { Joined, JoinRequest } from "../../src/core/ports/roster.ts";
import type { SimChannel } from "./sim-channel.ts";

export class WaitingJoin {
  readonly request: JoinRequest;
  readonly channel: SimChannel;
  readonly #entered: (joined: Joined) => void;
  #outcome: "entered" | { readonly error: unknown } | null = null;
  #settle: (() => void) | null = null;

  constructor(request: JoinRequest, channel: SimChannel, entered: (joined: Joined) => void) {
    this.request = request;
    this.channel = channel;
    this.#entered = entered;
  }

  finish(joined: Joined): void {
    try {
      this.#entered(joined);
      this.#outcome = "entered";
    } catch (error) {
      this.#outcome = { error };
    }
    this.#settle?.();
  }

  /** The result of `join`: undefined or the thrown error if it is finished, else a promise. */
  pending(): Pending {
    if (this.#outcome === "entered") return undefined;
    if (this.#outcome !== null) throw this.#outcome.error;
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#outcome === null || this.#outcome === "entered") resolve();
        else reject(this.#outcome.error);
      };
    });
  }
}
