/** A time, relative to now or as a clock time. The exact time is shown on hover. */
import { useEffect, useState } from "react";
import { duration } from "./numbers.ts";

const tickMs = 5_000;
/** Created once: creating a formatter is slow, and a busy console formats dozens of times per frame. */
const toTheSecond = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function When({ at, never = "never" }: { readonly at: string | null; readonly never?: string }) {
  const now = useNow();
  if (at === null) return <span className="text-faint">{never}</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}>
      {relative(date.getTime() - now)}
    </time>
  );
}

/** The time of day to the millisecond, for rows that come close together. */
export function ClockTime({ at, className }: { readonly at: string; readonly className?: string }) {
  return (
    <time dateTime={at} title={exactly(at)} className={className}>
      {timeOfDay(at)}
    </time>
  );
}

/** The exact time as text, to the second. */
export function exactly(at: string): string {
  return toTheSecond.format(new Date(at));
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function relative(ms: number): string {
  if (Math.abs(ms) < tickMs) return "just now";
  return ms < 0 ? `${duration(-ms)} ago` : `in ${duration(ms)}`;
}

function timeOfDay(at: string): string {
  const date = new Date(at);
  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  return `${digits(date.getHours(), 2)}:${digits(date.getMinutes(), 2)}:${digits(date.getSeconds(), 2)}.${digits(date.getMilliseconds(), 3)}`;
}
