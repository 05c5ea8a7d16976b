/** The quick form of each fault program of the bench, against a server started as a user starts it. */
import { expect, test } from "bun:test";
import { churnSoak } from "../../../bench/faults/churn-soak.ts";
import { clockSkew } from "../../../bench/faults/clock-skew.ts";
import { connectStorm } from "../../../bench/faults/connect-storm.ts";
import { drain } from "../../../bench/faults/drain.ts";
import { idleSoak } from "../../../bench/faults/idle-soak.ts";
import { slowReaders } from "../../../bench/faults/slow-readers.ts";
import { subscribeRace } from "../../../bench/faults/subscribe-race.ts";

for (const fault of [clockSkew, idleSoak, connectStorm, drain, slowReaders, subscribeRace, churnSoak]) {
  test(fault.title, async () => {
    const { problems } = await fault.run("quick");
    expect(problems).toEqual([]);
  });
}
