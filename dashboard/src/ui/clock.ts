/** Every time that the dashboard shows, on a 24-hour clock in the browser's time zone. */
type When = string | number | Date;

/** Created once: creating a formatter is slow, and a busy console formats dozens of times per frame. */
function formatter(options: Intl.DateTimeFormatOptions) {
  const format = new Intl.DateTimeFormat("en", { hourCycle: "h23", ...options });
  return (at: When) => format.format(new Date(at));
}

const day = { day: "numeric", month: "short" } as const;
const toTheMinute = { hour: "2-digit", minute: "2-digit" } as const;
const toTheSecond = { ...day, year: "numeric", ...toTheMinute, second: "2-digit" } as const;

/** Such as `14:05`. */
export const hourAndMinute = formatter(toTheMinute);

/** Such as `14:05:09.123`, for rows that come close together. */
export const toTheMillisecond = formatter({ ...toTheMinute, second: "2-digit", fractionalSecondDigits: 3 });

/** Such as `Tue, Nov 24`. */
export const dayOf = formatter({ ...day, weekday: "short" });

/** Such as `Tue`. */
export const weekdayOf = formatter({ weekday: "short" });

/** Such as `Nov 24, 14:05`. */
export const dayAndTime = formatter({ ...day, ...toTheMinute });

/** Such as `Nov 24, 2026, 14:05:09`. */
export const exactly = formatter(toTheSecond);

/** Such as `Nov 24, 2026, 14:05:09 GMT+1`. */
export const exactlyWithZone = formatter({ ...toTheSecond, timeZoneName: "short" });

/** Such as `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The form in which a time is typed. */
export const typedForm = "YYYY-MM-DD HH:MM";

/** Such as `2026-11-24 14:05`. */
export function typedTime(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 16)
    .replace("T", " ");
}

/** The time of a text in the typed form: Unix time in milliseconds; null if there is no such time. */
export function timeOf(typed: string): number | null {
  const parts = /^(\d{4})-(\d\d?)-(\d\d?)[ T]+(\d\d?):(\d\d)$/.exec(typed.trim());
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = (parts ?? []).slice(1).map(Number);
  const at = new Date(year, month - 1, date, hour, minute);
  const isReal = at.getMonth() === month - 1 && at.getDate() === date && hour < 24 && minute < 60;
  return parts !== null && isReal ? at.getTime() : null;
}
