/** Formats amounts of traffic. */
import type { TrafficAmount } from "@soketify/admin";
import { perSecond } from "../ui/numbers.ts";

export const everyMs = 2_000;

export function rate(perSecondValue: number): string {
  return perSecond(perSecondValue * 60);
}

/** @param words the known part of `out` */
export function outOf({ isOutPartial, out }: TrafficAmount, words: string): string {
  if (!isOutPartial) return words;
  return out === 0 ? "unknown" : `at least ${words}`;
}
