/** Reads a given number of rows from the paginated lists of the admin API. */
import { InvalidArgumentError } from "commander";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** The largest page size of the admin API. */
const pageRowsMax = 500;

export async function readPages<Row>(
  limit: number,
  read: (page: { limit: number; cursor?: string }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | null = null;
  do {
    const asked = { limit: Math.min(limit - all.length, pageRowsMax), ...(cursor !== null && { cursor }) };
    const page: Page<Row> = await read(asked);
    all.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null && all.length < limit);
  return all;
}

export function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidArgumentError("It must be an integer of at least 1.");
  return limit;
}
