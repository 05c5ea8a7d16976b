/** The kinds of option: what each accepts from a file, a flag or the environment, and how it says so. */
import { z } from "zod";

/** What the machine tells at a start; some defaults depend on it. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files that this process may have open at once. */
  readonly descriptorsMax: number;
  /** Memory that it may use: of its container, else of the machine. */
  readonly memoryBytes: number;
}

export interface Option<Value> {
  /** Accepts the value itself (from a file) or its text (from a flag or the environment). */
  readonly schema: z.ZodType<Value>;
  readonly default: Value | ((machine: Machine) => Value);
  /** How the default reads in the documentation. */
  readonly defaultText: string;
  /** Completes "it must be …", and never repeats what was given. */
  readonly expected: string;
  readonly help: string;
  readonly isSecret: boolean;
  /** A file may give its digits without quotes. */
  readonly isText: boolean;
  /** Too rich for one line of text, so it has no flag and no environment name. */
  readonly isFileOnly: boolean;
}

interface Extras<Value> {
  readonly default?: Value | ((machine: Machine) => Value);
  readonly defaultText?: string;
  readonly isSecret?: boolean;
  readonly isText?: boolean;
  readonly isFileOnly?: boolean;
}

export function option<Value>(
  schema: z.ZodType<Value>,
  expected: string,
  help: string,
  extras: Extras<Value> & { readonly default: Value | ((machine: Machine) => Value) },
): Option<Value> {
  return {
    schema,
    expected,
    help,
    default: extras.default,
    defaultText: extras.defaultText ?? textOf(extras.default),
    isSecret: extras.isSecret ?? false,
    isText: extras.isText ?? false,
    isFileOnly: extras.isFileOnly ?? false,
  };
}

export function number(ofDefault: number, min: number, max: number, help: string): Option<number> {
  return option(numberSchema(min, max), `a whole number from ${min} to ${max}`, help, { default: ofDefault });
}

export function toggle(ofDefault: boolean, help: string): Option<boolean> {
  const schema = z.preprocess((given) => toggleWords.get(String(given).toLowerCase()), z.boolean());
  return option(schema, "true or false", help, { default: ofDefault });
}

export function text(ofDefault: string, help: string): Option<string> {
  return option(textSchema(z.string().min(1)), "a text", help, { default: ofDefault, isText: true });
}

interface TextRule {
  readonly pattern?: RegExp;
  /** Where the pattern fits and that is not enough. */
  readonly isRight?: (text: string) => boolean;
  readonly expected?: string;
  readonly isSecret?: boolean;
}

/** A text that may be left out; `rule` says what makes it right. */
export function optionalText(help: string, rule: TextRule = {}): Option<string | null> {
  const isRight = rule.isRight ?? (() => true);
  const schema = textSchema(
    z
      .string()
      .regex(rule.pattern ?? /./s)
      .refine(isRight),
  );
  return option<string | null>(schema.nullable(), rule.expected ?? "a text", help, {
    default: null,
    isText: true,
    isSecret: rule.isSecret ?? false,
  });
}

/** A port of its own for a part of the server; left out, the part answers on the main port. */
export function optionalPort(help: string): Option<number | null> {
  return option<number | null>(numberSchema(0, 65_535).nullable(), "a whole number from 0 to 65535", help, {
    default: null,
    defaultText: "the main port",
  });
}

export function choice<const Value extends string>(
  values: readonly [Value, ...Value[]],
  help: string,
  extras: Extras<Value> = {},
): Option<Value> {
  return option<Value>(z.enum(values), `one of ${values.join(", ")}`, help, {
    ...extras,
    default: extras.default ?? values[0],
  });
}

/** Separated by commas in a flag or in the environment. */
export function list(item: z.ZodType<string>, expected: string, help: string): Option<readonly string[]> {
  const schema = z.preprocess(
    (given) => (typeof given === "string" ? splitAtCommas(given) : given),
    z.array(item).max(1_000),
  );
  return option<readonly string[]>(schema, expected, help, { default: [] });
}

const toggleWords = new Map<string, boolean>([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

export function numberSchema(min: number, max: number): z.ZodType<number> {
  return z.preprocess(
    (given) => (typeof given === "string" && /^-?\d{1,15}$/.test(given) ? Number(given) : given),
    z.int().min(min).max(max),
  );
}

/** A whole number is its digits: in a file an id or a key may have no quotes around it. */
function textSchema(schema: z.ZodType<string>): z.ZodType<string> {
  return z.preprocess((given) => (Number.isSafeInteger(given) ? String(given) : given), schema);
}

function splitAtCommas(given: string): string[] {
  return given
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function textOf(value: unknown): string {
  if (value === null) return "none";
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
}
