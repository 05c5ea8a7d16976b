/** Generates mutants: small mistakes in a source file. At least one test must fail for each. */
import { parseSync, Visitor } from "oxc-parser";

export interface Mutant {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly replacement: string;
}

const swapped: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
};

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Removes statements, negates conditions, swaps comparisons and their bounds, and replaces booleans and empty texts. */
export function mutantsOf(path: string, source: string): Mutant[] {
  const mutants: Mutant[] = [];
  const add = ({ start, end }: Span, replacement: string) => {
    const line = source.slice(0, start).split("\n").length;
    mutants.push({ path, line, start, end, original: source.slice(start, end), replacement });
  };
  const negate = (test: Span) => add(test, `!(${source.slice(test.start, test.end)})`);
  const swap = (operator: string, left: Span, right: Span) => {
    const other = swapped[operator];
    if (other === undefined) return;
    const start = source.indexOf(operator, left.end);
    add(
      { start: left.start, end: right.end },
      source.slice(left.start, start) + other + source.slice(start + operator.length, right.end),
    );
  };
  new Visitor({
    ExpressionStatement: (node) => add(node, ";"),
    ThrowStatement: (node) => add(node, ";"),
    IfStatement: ({ test }) => negate(test),
    WhileStatement: ({ test }) => negate(test),
    ConditionalExpression: ({ test }) => negate(test),
    BinaryExpression: ({ operator, left, right }) => swap(operator, left, right),
    LogicalExpression: ({ operator, left, right }) => swap(operator, left, right),
    Literal: (node) => {
      if (typeof node.value === "boolean") add(node, String(!node.value));
      else if (node.value === "") add(node, '"mutated"');
    },
  }).visit(parseSync(path, source).program);
  return mutants;
}

/** Identifies a mutant in the list of survivors. It has no line number, because line numbers change. */
export function nameOf({ path, original, replacement }: Mutant): string {
  return `${path} | ${oneLine(original)} | ${oneLine(replacement)}`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("|", "¦");
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
