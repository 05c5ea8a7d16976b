/** Limits the live streams of one person or token, of one app, and of the node. */
import { Refusal } from "../core/refusal.ts";

export interface Seat {
  /** The watching person or token, such as `token 7f3a`, and a display name. */
  readonly holder: string;
  readonly holderName: string;
  readonly appId: string;
  /** Checks the watcher's permission again; nothing is sent until the result. */
  recheck(): void;
}

export interface SeatsMax {
  readonly perHolder: number;
  readonly perApp: number;
  readonly inAll: number;
}

const seatsMax: SeatsMax = { perHolder: 10, perApp: 100, inAll: 500 };

export class LiveSeats {
  readonly #max: SeatsMax;
  readonly #seats = new Set<Seat>();

  constructor(max: SeatsMax = seatsMax) {
    this.#max = max;
  }

  /** Returns the function that releases the seat. @throws Refusal `too_many_watchers` */
  take(seat: Seat): () => void {
    const { perHolder, perApp, inAll } = this.#max;
    if (this.#count((one) => one.holder === seat.holder) >= perHolder)
      throw full(`${seat.holderName} has ${perHolder} live streams open here: close one of them first`);
    if (this.#count((one) => one.appId === seat.appId) >= perApp)
      throw full(
        `App ${seat.appId} has ${perApp} live streams open here: try again when one of them has ended`,
      );
    if (this.#seats.size >= inAll)
      throw full(`The server has ${inAll} live streams open: try again when one of them has ended`);
    this.#seats.add(seat);
    return () => void this.#seats.delete(seat);
  }

  /** Call it when a person or token may have lost a permission. */
  recheck(): void {
    for (const seat of this.#seats) seat.recheck();
  }

  #count(isCounted: (seat: Seat) => boolean): number {
    let count = 0;
    for (const seat of this.#seats) if (isCounted(seat)) count += 1;
    return count;
  }
}

function full(message: string): Refusal {
  return new Refusal("too_many_watchers", message);
}
