/** The starts of nodes in a database. */
import {
  type NodeStart,
  type NodeStarts,
  nodeStartsMax,
  type RecordedStart,
} from "../core/ports/node-starts.ts";
import { atomically } from "./database/atomically.ts";
import type { Database } from "./database/schema.ts";

export class KyselyNodeStarts implements NodeStarts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ nodeId, name, version, commit, atMs }: NodeStart): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      const known = transaction.selectFrom("nodeStarts").select("nodeId").where("nodeId", "=", nodeId);
      if ((await known.executeTakeFirst()) !== undefined) return;
      const row = { nodeId, name, version, commitHash: commit, atMs };
      await transaction.insertInto("nodeStarts").values(row).execute();
      const oldest = await transaction
        .selectFrom("nodeStarts")
        .select("atMs")
        .orderBy("atMs", "desc")
        .limit(1)
        .offset(nodeStartsMax)
        .executeTakeFirst();
      if (oldest !== undefined)
        await transaction.deleteFrom("nodeStarts").where("atMs", "<=", oldest.atMs).execute();
    });
  }

  async list(fromMs: number, toMs: number): Promise<RecordedStart[]> {
    const rows = this.#db.selectFrom("nodeStarts").selectAll();
    const [before, inRange] = await Promise.all([
      rows.where("atMs", "<", fromMs).orderBy("atMs", "desc").limit(1).executeTakeFirst(),
      rows.where("atMs", ">=", fromMs).where("atMs", "<=", toMs).orderBy("atMs").orderBy("nodeId").execute(),
    ]);
    return inRange.map(({ commitHash: commit, ...row }, index) => {
      const earlier = inRange[index - 1] ?? before;
      const isDeploy =
        earlier !== undefined && (earlier.version !== row.version || earlier.commitHash !== commit);
      return { ...row, atMs: Number(row.atMs), commit, isDeploy };
    });
  }
}
