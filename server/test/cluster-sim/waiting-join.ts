/** A join that has not been answered yet. */
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

  /** What `join` answers: nothing or what was thrown where it is finished, else a promise of either. */
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
