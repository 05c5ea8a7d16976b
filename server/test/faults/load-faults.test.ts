/** The quick form of each fault program of the bench, against a server started as a user starts it. */
import { expect, test } from "bun:test";
import { allFaults } from "../../../bench/faults/all-faults.ts";

for (const fault of Object.values(allFaults)) {
  test(fault.title, async () => {
    const { problems } = await fault.run("quick");
    expect(problems).toEqual([]);
  });
}
