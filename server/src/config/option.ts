/** The kinds of options: which values each accepts from a file, a flag or the environment, and its error text. */
import { z } from "zod";

/** Properties of the machine on which some defaults depend. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The maximum open files of this process. */
  readonly descriptorsMax: number;
  /** The memory limit of the container, or else the machine's memory, in bytes. */
  readonly memoryBytes: number;
}

export interface Option<Value> {
  /** Accepts the value itself (from a file) or its text (from a flag or the environment). */
  readonly schema: z.ZodType<Value>;
  readonly default: Value | ((machine: Machine) => Value);
  /** How the default reads in the documentation. */
  readonly defaultText: string;
  /** The end of the error "it must be …". It does not contain the given value. */
  readonly expected: string;
  readonly help: string;
  readonly isSecret: boolean;
  /** Whether a config file may contain its digits without quotes. */
  readonly isText: boolean;
  /** Whether it can be set only in the config file, because its value is more than one line of text. */
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
  /** A further check of a text that matches the pattern. */
  readonly isRight?: (text: string) => boolean;
  readonly expected?: string;
  readonly isSecret?: boolean;
}

/** An optional text; `rule` defines which texts are valid. */
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

/** A separate port for a part of the server; without it the part is on the main port. */
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

/** A list; separated by commas in a flag or the environment. */
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

/** Accepts a whole number as its digits, because an id or a key in a file may have no quotes. */
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
