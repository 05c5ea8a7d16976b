/** A Redis for the tests of a file, and the nodes that each test opens on it, by a clock that the test advances. */
import { afterAll, afterEach, beforeAll, beforeEach } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { FakeClock } from "./fakes/fake-clock.ts";
import { RecordedLine } from "./fakes/recorded-line.ts";
import { freshPrefix, openRedisNode } from "./redis-nodes.ts";
import { startRedis } from "./services/redis.ts";

export type StagedNode = RedisSuppliers & { readonly line: RecordedLine };

export class RedisStage {
  redis!: Awaited<ReturnType<typeof startRedis>>;
  clock = new FakeClock();
  #prefix = "";
  #nodes: StagedNode[] = [];

  constructor() {
    beforeAll(async () => {
      this.redis = await startRedis();
    });
    afterAll(() => this.redis.remove());
    beforeEach(() => {
      this.#prefix = freshPrefix();
      this.clock = new FakeClock();
    });
    afterEach(() => {
      for (const { link } of this.#nodes.splice(0)) link.close();
    });
  }

  /** Opens a node. Its line records what its subscribers receive. */
  async open(): Promise<StagedNode> {
    const url = this.redis.url;
    const node = await openRedisNode(url, this.#prefix, "local", 1_000_000, "test", () => 0, this.clock);
    const line = new RecordedLine();
    node.broker.listen(line);
    const staged = { ...node, line };
    this.#nodes.push(staged);
    return staged;
  }
}
