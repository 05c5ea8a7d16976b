/** Who watches: so many streams for one who asks, for one app, and for the node. */
import { Refusal } from "../core/refusal.ts";

export interface Seat {
  /** Who watches, such as `token 7f3a`, and how to call them. */
  readonly holder: string;
  readonly holderName: string;
  readonly appId: string;
  /** Asks anew whether the watcher still may; until the answer nothing is sent to them. */
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

  /** Answers the function that leaves the seat. @throws Refusal `too_many_watchers` */
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

  /** To be called where somebody may have lost a right. */
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
