/** Parses the text of a config file, and finds the line of a syntax error. */
import { parse as findJsonErrors, type ParseError } from "jsonc-parser";
import { parse as parseToml, TomlError } from "smol-toml";
import { type Document, LineCounter, parseDocument, type ScalarTag, visit } from "yaml";

export type ConfigFormat = "JSON" | "YAML" | "TOML";

/** The message contains none of the text, which may contain secrets. */
export class BrokenText extends Error {
  /** Starts at 1; null if it could not be determined. */
  readonly line: number | null;

  constructor(line: number | null) {
    super(`line ${line ?? "unknown"}`);
    this.line = line;
  }
}

/**
 * Whole numbers that a double cannot represent become bigints, or, in JSON, unsafe numbers: the option's schema
 * refuses both.
 * @throws BrokenText
 */
export function parseConfig(format: ConfigFormat, text: string): unknown {
  switch (format) {
    case "JSON":
      return fromJson(text);
    case "YAML":
      return fromYaml(text);
    case "TOML":
      return fromToml(text);
    default:
      throw format satisfies never;
  }
}

function fromJson(text: string): unknown {
  // Some editors on Windows write a byte order mark.
  const content = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(content);
  } catch {
    // Its errors contain no position.
    const errors: ParseError[] = [];
    findJsonErrors(content, errors, { disallowComments: true });
    const [first] = errors;
    throw new BrokenText(first === undefined ? null : lineAt(content, first.offset));
  }
}

/** Keeps `appId: 007` as text: YAML would read it as 7. */
const leadingZeros: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  test: /^[-+]?0[0-9]+$/,
  resolve: (text) => text,
};

function fromYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    customTags: (tags) => [leadingZeros, ...tags],
  });
  if (document.errors.length === 0) return plainValueOf(document);
  throw new BrokenText(lines.linePos(faultIn(document)).line);
}

/** The offset of the fault in a document with errors. It is not always that of the parser's first error. */
function faultIn(document: Document): number {
  const [first, second] = document.errors;
  const [reported] = first?.pos ?? [0];
  // A line that is indented too far continues the value before it, so the parser reports that value.
  const isIndented = first?.code === "BLOCK_AS_IMPLICIT_KEY" && second?.code === "MULTILINE_IMPLICIT_KEY";
  if (isIndented) return second.pos[1];
  return unclosedBefore(document, reported) ?? reported;
}

function plainValueOf(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    // An unknown alias, or too many aliases for the memory.
    throw new BrokenText(null);
  }
}

/** The start of an unclosed quote or bracket: the parser reports only its last position, which may be the end of the file. */
function unclosedBefore(document: Document, offset: number): number | null {
  let opened: number | null = null;
  visit(document, {
    Scalar(_, { range, type }) {
      const isQuoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
      if (isQuoted && range && range[1] === offset) opened = range[0];
    },
    Collection(_, { range, flow }) {
      if (flow && range && range[1] === offset) opened = range[0];
    },
  });
  return opened;
}

function fromToml(text: string): unknown {
  try {
    return parseToml(text, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (error instanceof TomlError) throw new BrokenText(error.line);
    throw error;
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
