/** Presence: members who join and leave one channel, and many channels with few members. */
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { processCpuMicros } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import type { Row, Scenario } from "./scenario.ts";

export const presence: Scenario = {
  name: "presence",
  summary: "members join and leave one presence channel; 1,000 presence channels",
  async run({ isQuick, log }) {
    const target = await startSoketify();
    try {
      const rows: Row[] = [];
      for (const members of isQuick ? [10, 20] : [25, 50, 100]) {
        log(`${members} members of one channel`);
        rows.push(await joinAndLeave(target, "one channel", members, () => `presence-of-${members}`));
      }
      const channels = isQuick ? 100 : 1000;
      log(`${channels} channels`);
      rows.push(
        await joinAndLeave(
          target,
          `${channels} channels`,
          2 * channels,
          (index) => `presence-${index % channels}`,
        ),
      );
      return [
        {
          title: "Presence: everybody joins, then everybody leaves",
          columns: [
            { key: "what", label: "channels" },
            { key: "members", label: "members" },
            { key: "notices", label: "notices due" },
            { key: "cpuMicrosPerMember", label: "CPU-µs/member", decimals: 1 },
            { key: "cpuMicrosPerNotice", label: "CPU-µs/notice", decimals: 2 },
          ],
          rows,
          notes: [
            "Notices: member_added and member_removed, each to all other members; in one channel their number grows with the square of the members, which the protocol demands. CPU time includes the connects.",
          ],
        },
      ];
    } finally {
      await target.stop();
    }
  },
};

async function joinAndLeave(
  target: Target,
  what: string,
  members: number,
  channelOf: (index: number) => string,
): Promise<Row> {
  const address = { port: target.port, key: target.app.key };
  const sizes = new Map<string, number>();
  let due = 0;
  for (let index = 0; index < members; index += 1) {
    const size = sizes.get(channelOf(index)) ?? 0;
    due += size;
    sizes.set(channelOf(index), size + 1);
  }
  let added = 0;
  let removed = 0;
  const allAdded = Promise.withResolvers<void>();
  const allRemoved = Promise.withResolvers<void>();
  const onMessage = ({ event }: { readonly event: string }): void => {
    if (event === "pusher_internal:member_added" && ++added === due) allAdded.resolve();
    if (event === "pusher_internal:member_removed" && ++removed === due) allRemoved.resolve();
  };
  const before = processCpuMicros(target.pid);
  const clients = await inParallel(members, async (index) => {
    const client = await LightClient.connect(address, { onMessage });
    const member = JSON.stringify({ user_id: String(index), user_info: { name: `Member ${index}` } });
    const credentials = channelCredentials(target.app, await client.socketId, channelOf(index), member);
    await client.subscribe(channelOf(index), credentials);
    return client;
  });
  await allAdded.promise;
  for (const [index, client] of clients.entries()) client.unsubscribe(channelOf(index));
  await allRemoved.promise;
  const cpuMicros = processCpuMicros(target.pid) - before;
  closeCrowd(clients);
  return {
    what,
    members,
    notices: 2 * due,
    cpuMicrosPerMember: cpuMicros / members,
    cpuMicrosPerNotice: cpuMicros / (2 * due),
  };
}
