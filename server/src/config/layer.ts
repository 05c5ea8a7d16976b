/** The options from one source: the flags, the environment or the config file. */
import type { OptionKey } from "./config.ts";
import { nearestName } from "./nearest-name.ts";

export interface Origin {
  readonly kind: "flag" | "environment" | "file" | "default";
  /** `--port`, `SOKETIFY_PORT`, the file's path, or `default`. */
  readonly name: string;
}

export interface Given {
  readonly value: unknown;
  readonly origin: Origin;
}

export type Layer = Map<OptionKey, Given>;

export function unknownName(subject: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === null ? "`soketify config` lists the names." : `Did you mean ${nearest}?`;
  return `${subject} is not an option of Soketify. ${hint}`;
}
