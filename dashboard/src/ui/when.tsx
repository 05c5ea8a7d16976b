/** A time, relative to now or as a clock time. The exact time is shown on hover. */
import { useEffect, useState } from "react";
import { exactly, exactlyWithZone, toTheMillisecond } from "./clock.ts";
import { duration } from "./numbers.ts";

const tickMs = 5_000;

/** @param props.past shown in place of a time that has passed */
export function When({
  at,
  never = "never",
  past,
}: {
  readonly at: string | null;
  readonly never?: string;
  readonly past?: string;
}) {
  const now = useNow();
  if (at === null) return <span className="text-faint">{never}</span>;
  const untilMs = Date.parse(at) - now;
  return (
    <time dateTime={at} title={exactlyWithZone(at)}>
      {past !== undefined && untilMs <= 0 ? past : relative(untilMs)}
    </time>
  );
}

/** The time of day to the millisecond, for rows that come close together. */
export function ClockTime({ at, className }: { readonly at: string; readonly className?: string }) {
  return (
    <time dateTime={at} title={exactly(at)} className={className}>
      {toTheMillisecond(at)}
    </time>
  );
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
