/** Describes the change of an audit log entry: each field with its value before and after. */
import { amountWords } from "../settings/amounts.ts";
import { titleOf } from "../settings/setting-titles.ts";

interface FieldChange {
  readonly name: string;
  /** Undefined: the field did not exist. */
  readonly before: unknown;
  readonly after: unknown;
}

const shownMax = 6;

export function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const isNew = (before ?? null) === null;
  // Empty fields of new objects are omitted.
  const changes = changesBetween(before ?? null, after ?? null).filter(
    (change) => !isNew || textOf(change.after) !== "nothing",
  );
  if (changes.length === 0) return <span className="text-faint">–</span>;
  const [shown, rest] = [changes.slice(0, shownMax), changes.slice(shownMax)];
  return (
    <>
      <Fields changes={shown} />
      {rest.length > 0 && (
        <details>
          <summary className="text-soft">{rest.length} more</summary>
          <Fields changes={rest} />
        </details>
      )}
    </>
  );
}

function Fields({ changes }: { readonly changes: readonly FieldChange[] }) {
  return (
    <ul className="grid gap-0.5">
      {changes.map(({ name, before, after }) => (
        <li key={name} className="break-words">
          <span className="text-soft">{pathWords(name)}</span> {wordsOf(name, before, after)}
        </li>
      ))}
    </ul>
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
