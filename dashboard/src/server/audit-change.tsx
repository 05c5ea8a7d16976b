/** Describes the change of an audit log entry: each field with its value before and after. */
import { useState } from "react";
import { amountWords } from "../settings/amounts.ts";
import { titleOf } from "../settings/setting-titles.ts";
import { Icon } from "../ui/icon.tsx";

interface FieldChange {
  readonly name: string;
  /** Undefined: the field did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

/** In one line, which unfolds to a line for each field. */
export function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const [isOpen, setIsOpen] = useState(false);
  const isNew = (before ?? null) === null;
  // Empty fields of new objects are omitted.
  const changes = changesBetween(before ?? null, after ?? null).filter(
    (change) => !isNew || textOf(change.after) !== "nothing",
  );
  if (changes.length === 0) return <span className="text-faint">–</span>;
  const words = changes.map(({ name, before, after }) => [pathWords(name), wordsOf(name, before, after)]);
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      className="flex w-full items-baseline gap-1 text-left whitespace-normal contain-inline-size"
    >
      {isOpen ? (
        <span className="min-w-0 flex-1">
          {words.map(([field, change]) => (
            <span key={field} className="block wrap-anywhere">
              <span className="text-soft">{field}</span> {change}
            </span>
          ))}
        </span>
      ) : (
        <span className="min-w-0 flex-1 truncate">{words.map((one) => one.join(" ")).join(" · ")}</span>
      )}
      <Icon name="down" className={`shrink-0 text-faint ${isOpen ? "rotate-180" : ""}`} />
    </button>
  );
}

function pathWords(path: string): string {
  return path
    .replace(/^settings\./, "")
    .split(".")
    .map(titleOf)
    .join(", ");
}

function wordsOf(path: string, before: unknown, after: unknown): string {
  const words = (value: unknown) => textOf(value, path.split(".").at(-1));
  if (before === undefined) return words(after);
  if (after === undefined) return `${words(before)}, removed`;
  return `from ${words(before)} to ${words(after)}`;
}

/**
 * Fields of nested objects are named by their path, such as `settings.connectionsMax`. Unchanged fields are left out.
 */
function changesBetween(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [old, now] = [before ?? {}, after ?? {}];
  if (!isFields(old) || !isFields(now)) return [{ name: path, before, after }];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names].flatMap((name) =>
    changesBetween(old[name], now[name], path === "" ? name : `${path}.${name}`),
  );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param name the field, if its value may have a unit */
function textOf(value: unknown, name = ""): string {
  if (value === null || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return amountWords(name, value);
  if (Array.isArray(value)) return value.map((one) => textOf(one)).join(", ") || "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
