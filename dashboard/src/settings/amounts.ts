/** The amounts of settings in readable units, exact in both directions: `1 min 30 s` and `10 KB`. */
import { exactNumber } from "../ui/numbers.ts";

interface Unit {
  readonly name: string;
  readonly size: number;
  /** Also understood when it is typed. */
  readonly others: string;
}
type Units = readonly Unit[];

const timeUnits: Units = [
  { name: "d", size: 86_400_000, others: "day days" },
  { name: "h", size: 3_600_000, others: "hour hours" },
  { name: "min", size: 60_000, others: "m minute minutes" },
  { name: "s", size: 1_000, others: "sec second seconds" },
  { name: "ms", size: 1, others: "millisecond milliseconds" },
];
const sizeUnits: Units = [
  { name: "MB", size: 1_048_576, others: "mib" },
  { name: "KB", size: 1_024, others: "k kib" },
  { name: "B", size: 1, others: "byte bytes" },
];

/** Null: a count, or a setting without an amount. */
function unitsOf(setting: string): Units | null {
  if (/Ms(Max)?$/.test(setting)) return timeUnits;
  return setting.includes("Bytes") ? sizeUnits : null;
}

export function hasUnit(setting: string): boolean {
  return unitsOf(setting) !== null;
}

/** Times in all their units, sizes in the largest unit that divides them. */
export function amountWords(setting: string, amount: number): string {
  const units = unitsOf(setting);
  if (units === null) return exactNumber(amount);
  if (units === timeUnits) return timeWords(amount);
  const { name, size } = sizeUnits.find(({ size }) => amount > 0 && amount % size === 0) ?? {
    name: "B",
    size: 1,
  };
  return `${exactNumber(amount / size)} ${name}`;
}

function timeWords(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const { name, size } of timeUnits) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  return parts.join(" ") || "0 ms";
}

/** NaN if the text is no whole amount with units. `0` needs none. */
export function amountOf(setting: string, text: string): number {
  const units = unitsOf(setting) ?? [];
  const typed = text.trim().toLowerCase().replaceAll(",", "");
  if (typed === "0") return 0;
  const parts = [...typed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/g)];
  if (parts.map(([part]) => part).join("") !== typed || parts.length === 0) return Number.NaN;
  const sum = parts.reduce((total, [, digits, unit]) => total + Number(digits) * sizeOf(units, unit), 0);
  return Number.isInteger(sum) ? sum : Number.NaN;
}

function sizeOf(units: Units, typed: string | undefined): number {
  const unit = units.find(({ name, others }) =>
    [name.toLowerCase(), ...others.split(" ")].includes(typed ?? ""),
  );
  return unit?.size ?? Number.NaN;
}

/** Such as `A time with its unit, from 1 s to 10 min`. */
export function rangeWords(
  setting: string,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  const units = unitsOf(setting);
  const what =
    units === null ? "whole number" : units === timeUnits ? "time with its unit," : "size with its unit,";
  return `A ${what} from ${amountWords(setting, min)} to ${amountWords(setting, max)}`;
}
