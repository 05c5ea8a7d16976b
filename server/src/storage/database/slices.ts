const rowsPerStatementMax = 200;

/** Splits a list into parts that fit into one statement. */
export function* slices<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let start = 0; start < items.length; start += rowsPerStatementMax)
    yield items.slice(start, start + rowsPerStatementMax);
}
