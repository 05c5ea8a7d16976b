/** A queue of received items. */
import { within } from "./until.ts";

export class Mailbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: { resolve: (item: T) => void; reject: (error: Error) => void }[] = [];
  #end: Error | null = null;

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#arrived.push(item);
    else waiter.resolve(item);
  }

  /** Nothing more arrives: waiting callers get an error with the reason. */
  end(reason: string): void {
    this.#end ??= new Error(reason);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#end);
  }

  next(what: string): Promise<T> {
    const first = this.#arrived.shift();
    if (first !== undefined) return Promise.resolve(first);
    if (this.#end !== null) return Promise.reject(new Error(`${this.#end.message}, waiting for ${what}`));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ resolve, reject });
    return within(what, promise);
  }

  /** The next item that matches; earlier ones are dropped. */
  async nextWhere<Wanted extends T>(what: string, fits: (item: T) => item is Wanted): Promise<Wanted>;
  async nextWhere(what: string, fits: (item: T) => boolean): Promise<T>;
  async nextWhere(what: string, fits: (item: T) => boolean): Promise<T> {
    for (;;) {
      const item = await this.next(what);
      if (fits(item)) return item;
    }
  }

  /** Removes and returns all items that are in the queue now. */
  takeAll(): T[] {
    return this.#arrived.splice(0);
  }
}
