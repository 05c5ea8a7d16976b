/** The headers that a webhook sends, from flags, or from a file if they contain a secret. */
import { InvalidArgumentError } from "commander";
import { refuse } from "../hidden-secret.ts";
import { readText } from "../read-text.ts";
import { WrongUse } from "../wrong-use.ts";

export type Headers = Readonly<Record<string, string>>;

export interface HeaderFlags {
  /** False: no headers. */
  readonly header?: Headers | false;
  readonly headerFile?: string;
}

/** Names of headers that carry credentials. */
const secretName = /auth|cookie|key|token|secret|password|signature/i;

export const headerHelp = "Header sent with each request; repeatable";
export const headerFileHelp =
  "File with headers, one per line, or - for standard input; for headers that contain a secret";

/** Undefined if no header flag is given. */
export function headersOf({ header, headerFile }: HeaderFlags): Headers | undefined {
  if (header === false) return {};
  if (headerFile === undefined) return header;
  const lines = readText(headerFile).split(/\r?\n/);
  const inFile = lines.map((line, index) => [line, index] as const).filter(([line]) => line.trim() !== "");
  return { ...Object.fromEntries(inFile.map(([line, index]) => lineOf(line, index, headerFile))), ...header };
}

/** A commander parser that appends a header to the earlier ones. */
export function collectHeader(given: string, before: Headers | false = {}): Headers {
  const parsed = parse(given);
  if (parsed === null) throw new InvalidArgumentError('It must be name:value, such as "X-Team: shop".');
  const [name, value] = parsed;
  if (secretName.test(name))
    refuse(`--header ${name}`, "on a line of a file that --header-file names; - is standard input");
  return { ...(before === false ? {} : before), [name]: value };
}

function lineOf(line: string, index: number, path: string): [string, string] {
  const parsed = parse(line);
  if (parsed === null)
    throw new WrongUse(`Line ${index + 1} of ${path} must be name:value, such as "Authorization: Bearer …".`);
  return parsed;
}

function parse(text: string): [string, string] | null {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  return name === undefined || value === undefined ? null : [name, value];
}
