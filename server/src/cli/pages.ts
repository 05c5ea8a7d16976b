/** Lists of the admin API come in pages; a person asks for a number of rows. */
import { InvalidArgumentError } from "commander";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** The greatest page that the admin API gives. */
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
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return limit;
}
