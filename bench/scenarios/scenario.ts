/** The input and output of a scenario. */
import type { StartTarget } from "../target/target.ts";

export interface Context {
  /** Runs short and small loads, which show that everything works. Do not publish their figures. */
  readonly isQuick: boolean;
  /** The servers to compare, instead of the scenario's own. */
  readonly servers?: readonly StartTarget[];
  /** Reports progress on the terminal. */
  log(text: string): void;
}

export interface Column {
  readonly key: string;
  readonly label: string;
  /** The number of decimals; absent for texts and whole numbers. */
  readonly decimals?: number;
}

export type Row = Readonly<Record<string, string | number | null>>;

/** One table, and the chart to draw of it. */
export interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** Bars of `y`: one group for each `x`, one bar in it for each `series`. */
  readonly chart?: {
    readonly x: string;
    readonly series: string;
    readonly y: string;
    readonly label: string;
  };
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  run(context: Context): Promise<Section[]>;
}
