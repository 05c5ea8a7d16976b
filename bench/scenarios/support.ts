/** How a table shows a server that does not support a load. */
import type { Feature, Target } from "../target/target.ts";
import type { Column, Row } from "./scenario.ts";

export function supports(target: Target, feature: Feature): boolean {
  return target.missing?.has(feature) !== true;
}

/** A row that says "not supported" in every column except those of `identity`. */
export function unsupportedRow(columns: readonly Column[], identity: Row): Row {
  return { ...Object.fromEntries(columns.map(({ key }) => [key, "not supported"])), ...identity };
}
