/** Round tick marks for the axes of a chart. */
import { dayOf, hourAndMinute, weekdayOf } from "../clock.ts";

export interface TimeMark {
  readonly atMs: number;
  readonly text: string;
}

const valueMarksMax = 4;
const dayMin = 1_440;
const timeStepsMin = [5, 10, 15, 30, 60, 120, 180, 360, 720, dayMin, 2 * dayMin];

/** Ticks from 0 to at least `max`, in steps of 1, 2 or 5 times a power of ten. Steps are integers, because values are counts. */
export function valueMarks(max: number): number[] {
  const step = valueStep(max / valueMarksMax);
  return Array.from({ length: Math.max(1, Math.ceil(max / step)) + 1 }, (_, index) => index * step);
}

function valueStep(min: number): number {
  for (let size = 1; ; size *= 10) {
    for (const step of [1, 2, 5]) if (step * size >= min) return step * size;
  }
}

/** Ticks at round local times. Midnight is labeled with its day. */
export function timeMarks(fromMs: number, toMs: number, marksMax: number): TimeMark[] {
  const spanMin = (toMs - fromMs) / 60_000;
  const stepMin = timeStepsMin.find((step) => spanMin / step <= marksMax) ?? 7 * dayMin;
  const first = new Date(fromMs);
  const marks: TimeMark[] = [];
  for (let index = 0; ; index++) {
    // Steps by calendar days, so that ticks stay at midnight when a day has 23 or 25 hours.
    const at = new Date(first.getFullYear(), first.getMonth(), first.getDate(), 0, index * stepMin);
    if (at.getTime() >= toMs) return marks;
    if (at.getTime() >= fromMs) marks.push({ atMs: at.getTime(), text: markText(at) });
  }
}

function markText(at: Date): string {
  return at.getHours() === 0 && at.getMinutes() === 0
    ? `${weekdayOf(at)} ${at.getDate()}`
    : hourAndMinute(at);
}

/** `Tue, Nov 24, 14:05–14:06`. */
export function periodText(startMs: number, endMs: number): string {
  return `${dayOf(startMs)}, ${hourAndMinute(startMs)}–${hourAndMinute(endMs)}`;
}

/** `Tue, Nov 24, since 14:05`. */
export function periodTextSince(startMs: number): string {
  return `${dayOf(startMs)}, since ${hourAndMinute(startMs)}`;
}
