const rowsPerStatementMax = 200;

/** In parts that one statement can hold. */
export function* slices<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let start = 0; start < items.length; start += rowsPerStatementMax)
    yield items.slice(start, start + rowsPerStatementMax);
}
