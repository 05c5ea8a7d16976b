/** What a scenario is asked, and what it answers. */

export interface Context {
  /** Shorter and smaller: to see that everything works, not to quote the figures. */
  readonly isQuick: boolean;
  /** Tells the person who waits what goes on. */
  log(text: string): void;
}

export interface Column {
  readonly key: string;
  readonly label: string;
  /** Decimals; for texts and whole numbers none. */
  readonly decimals?: number;
}

export type Row = Readonly<Record<string, string | number | null>>;

/** One table, with the picture to draw of it. */
export interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** Bars of `y`, a group for each `x`, a bar in it for each `series`. */
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
