/** The quick form of the bench's fault programs, against a server that is started by the launcher. */
import { expect, test } from "bun:test";
import { allFaults } from "../../../bench/faults/all-faults.ts";

/** Registers every `of`-th program from the `part`-th on (counted from 0), so that several test files share them. */
export function testQuickFaults(part: number, of: number): void {
  for (const fault of Object.values(allFaults).filter((_, index) => index % of === part)) {
    test(fault.title, async () => {
      const { problems } = await fault.run("quick");
      expect(problems).toEqual([]);
    });
  }
}
