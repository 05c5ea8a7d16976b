/** Formats numbers for people. */
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const byteUnits = ["KB", "MB", "GB", "TB"];
const rounded = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function number(value: number): string {
  return value < 100_000 ? whole.format(value) : short.format(value);
}

/** Messages per second: `8.8` for 526 per minute; an integer from 10 per second. */
export function perSecond(inMinute: number): string {
  const rate = inMinute / 60;
  return rate < 10 ? short.format(rate) : number(Math.round(rate));
}

/** All digits, such as `12,431`. */
export function exactNumber(value: number): string {
  return whole.format(value);
}

/** Compact, such as `12.4K`. */
export function shortNumber(value: number): string {
  return short.format(value);
}

/** Such as `92 %`, and `0.4 %` below 10 %. */
export function percent(share: number): string {
  return `${(share < 0.1 ? rounded : whole).format(share * 100)} %`;
}

/** Such as `0.4 ms`; from 10 ms a whole number. */
export function milliseconds(value: number): string {
  return `${(value < 10 ? rounded : whole).format(value)} ms`;
}

/** Such as `12.3 MB`: each unit is 1,024 of the one before. */
export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  const power = Math.min(byteUnits.length, Math.floor(Math.log2(value) / 10));
  return `${rounded.format(value / 1_024 ** power)} ${byteUnits[power - 1]}`;
}

const spans = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The two largest non-zero units, such as `3 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const first = spans.findIndex(([, size]) => ms >= size);
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of spans.slice(first, first + 2)) {
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount} ${unit}`);
    rest -= amount * size;
  }
  return parts.join(" ");
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}
