/**
 * Counts events in and messages out by name, such as by channel, for the last seconds and the last hour. It stores the
 * names with the largest counts. All other names share one count.
 */

/** `in`: published events. `out`: messages sent to connections. */
export interface Amount {
  in: number;
  out: number;
  /** Some of `out` is unknown, because other nodes sent it. */
  isOutPartial: boolean;
}

export interface CountedNames {
  readonly names: ReadonlyMap<string, Readonly<Amount>>;
  /** The sum of the names that are not stored. */
  readonly others: Readonly<Amount>;
}

/** Takes bytes for a name, or returns false; gives them back when the name is dropped. */
export interface NameBudget {
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Counts of the last 10 to 20 seconds: the previous slot and the running one. */
export const slotMs = 10_000;
const stepSlots = 30;
/** The hour in steps of five minutes: twelve whole ones and the running one. */
const hourSteps = 13;

/** The maximum number of names in a slot. Later names of the same slot are counted as others. */
const slotNamesMax = 300;
/** The maximum number of names in the hour: those with the largest counts. */
const hourNamesMax = 100;

const amountBytes = 120;
const hourBytes = hourSteps * 80 + 100;

interface Step extends Amount {
  readonly step: number;
}

export class TopCounts {
  readonly #budget: NameBudget;
  #running = new Map<string, Amount>();
  #previous = new Map<string, Amount>();
  #othersRunning = noAmount();
  #othersPrevious = noAmount();
  readonly #hour = new Map<string, Step[]>();
  #othersOfHour: Step[] = [];

  constructor(budget: NameBudget) {
    this.#budget = budget;
  }

  get isEmpty(): boolean {
    const { size } = this.#hour;
    return this.#running.size + this.#previous.size + size + this.#othersOfHour.length === 0;
  }

  note(name: string, into: number, out: number | null): void {
    const amount = this.#running.get(name) ?? this.#enter(name);
    amount.in += into;
    if (out === null) amount.isOutPartial = true;
    else amount.out += out;
  }

  /** Ends the running slot. @param slot its number; @param passed slots since it began, at least 1 */
  endSlot(slot: number, passed: number): void {
    const step = stepOf(slot);
    for (const [name, amount] of this.#running) this.#addToHour(name, step, amount);
    if (!isNothing(this.#othersRunning)) addStep(this.#othersOfHour, step, this.#othersRunning);
    this.#release(this.#previous);
    this.#previous = this.#running;
    this.#othersPrevious = this.#othersRunning;
    this.#running = new Map();
    this.#othersRunning = noAmount();
    if (passed > 1) {
      this.#release(this.#previous);
      this.#previous = new Map();
      this.#othersPrevious = noAmount();
    }
    this.#forget(stepOf(slot + passed) - hourSteps);
  }

  /** The previous slot and the running one. */
  lately(): CountedNames {
    return {
      names: merge(this.#previous, this.#running),
      others: sum([this.#othersPrevious, this.#othersRunning]),
    };
  }

  lastHour(): CountedNames {
    const ofHour = [...this.#hour].map(([name, steps]) => [name, sum(steps)] as const);
    return {
      names: merge(new Map(ofHour), this.#running),
      others: sum([...this.#othersOfHour, this.#othersRunning]),
    };
  }

  clear(): void {
    this.#release(this.#running);
    this.#release(this.#previous);
    for (const name of this.#hour.keys()) this.#dropFromHour(name);
  }

  #enter(name: string): Amount {
    const isKept = this.#running.size < slotNamesMax && this.#budget.take(bytesOf(name));
    if (!isKept) return this.#othersRunning;
    const amount = noAmount();
    this.#running.set(name, amount);
    return amount;
  }

  #addToHour(name: string, step: number, amount: Amount): void {
    const steps = this.#hour.get(name);
    if (steps !== undefined) addStep(steps, step, amount);
    else if (this.#budget.take(bytesOf(name) + hourBytes)) this.#hour.set(name, [{ step, ...amount }]);
    else addStep(this.#othersOfHour, step, amount);
  }

  /** Drops the steps before the hour, and the names with the smallest counts. */
  #forget(lastGone: number): void {
    const isRecent = ({ step }: Step) => step > lastGone;
    this.#othersOfHour = this.#othersOfHour.filter(isRecent);
    for (const [name, steps] of this.#hour) {
      while (steps[0] !== undefined && !isRecent(steps[0])) steps.shift();
      if (steps.length === 0) this.#dropFromHour(name);
    }
    if (this.#hour.size <= hourNamesMax) return;
    const bySize = [...this.#hour.keys()].map((name) => ({ name, size: this.#sizeOf(name) }));
    for (const { name } of bySize.sort((a, b) => b.size - a.size).slice(hourNamesMax)) {
      for (const one of this.#hour.get(name) ?? []) addStep(this.#othersOfHour, one.step, one);
      this.#dropFromHour(name);
    }
  }

  #sizeOf(name: string): number {
    return sizeOf(sum(this.#hour.get(name) ?? []));
  }

  #dropFromHour(name: string): void {
    this.#hour.delete(name);
    this.#budget.give(bytesOf(name) + hourBytes);
  }

  #release(names: ReadonlyMap<string, Amount>): void {
    for (const name of names.keys()) this.#budget.give(bytesOf(name));
  }
}

/** The start of the hour that `lastHour` returns. Unix time in milliseconds. */
export function hourStartMs(slot: number): number {
  return (stepOf(slot) - hourSteps + 1) * stepSlots * slotMs;
}

export function sizeOf({ in: into, out }: Readonly<Amount>): number {
  return into + out;
}

function stepOf(slot: number): number {
  return Math.floor(slot / stepSlots);
}

function addStep(steps: Step[], step: number, amount: Readonly<Amount>): void {
  const known = steps.find((one) => one.step === step);
  if (known === undefined) steps.push({ ...amount, step });
  else add(known, amount);
}

function add(to: Amount, amount: Readonly<Amount>): void {
  to.in += amount.in;
  to.out += amount.out;
  to.isOutPartial ||= amount.isOutPartial;
}

function sum(amounts: readonly Readonly<Amount>[]): Amount {
  const total = noAmount();
  for (const amount of amounts) add(total, amount);
  return total;
}

function merge(
  some: ReadonlyMap<string, Readonly<Amount>>,
  more: ReadonlyMap<string, Readonly<Amount>>,
): Map<string, Amount> {
  const merged = new Map<string, Amount>();
  for (const amounts of [some, more])
    for (const [name, amount] of amounts) merged.set(name, sum([merged.get(name) ?? noAmount(), amount]));
  return merged;
}

function noAmount(): Amount {
  return { in: 0, out: 0, isOutPartial: false };
}

function isNothing(amount: Amount): boolean {
  return sizeOf(amount) === 0;
}

function bytesOf(name: string): number {
  return name.length * 2 + amountBytes;
}
