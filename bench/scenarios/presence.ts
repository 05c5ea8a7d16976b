/** Presence: members who join and leave one channel, and many channels with few members. */
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient, type Message } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { processCpuMicros } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import type { Column, Row, Scenario } from "./scenario.ts";
import { supports, unsupportedRow } from "./support.ts";

const columns: readonly Column[] = [
  { key: "target", label: "server" },
  { key: "what", label: "channels" },
  { key: "members", label: "members" },
  { key: "notices", label: "notices due" },
  { key: "cpuMicrosPerMember", label: "CPU-µs/member", decimals: 1 },
  { key: "cpuMicrosPerNotice", label: "CPU-µs/notice", decimals: 2 },
];

export const presence: Scenario = {
  name: "presence",
  summary: "members join and leave one presence channel; 1,000 presence channels",
  async run({ isQuick, log, servers = [startSoketify] }) {
    const rows: Row[] = [];
    for (const start of servers) {
      const target = await start();
      try {
        if (supports(target, "presence channels")) rows.push(...(await joinsOf(target, isQuick, log)));
        else rows.push(unsupportedRow(columns, { target: target.name }));
      } finally {
        await target.stop();
      }
    }
    return [
      {
        title: "Presence: all members join, then all leave",
        columns,
        rows,
        notes: [
          "Notices: member_added and member_removed, each to all other members. In one channel their number grows with the square of the members, as the protocol requires.",
        ],
      },
    ];
  },
};

async function joinsOf(target: Target, isQuick: boolean, log: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const rounds = isQuick ? 1 : 10;
  for (const members of isQuick ? [10, 20] : [25, 50, 100]) {
    log(`${target.name}: ${members} members of one channel`);
    rows.push(await joinAndLeave(target, "one channel", { members, rounds }, () => `presence-of-${members}`));
  }
  const channels = isQuick ? 100 : 1000;
  log(`${target.name}: ${channels} channels`);
  const crowd = { members: 2 * channels, rounds };
  rows.push(
    await joinAndLeave(target, `${channels} channels`, crowd, (index) => `presence-${index % channels}`),
  );
  return rows;
}

/** Joins and leaves `rounds` times on the same connections, so that the CPU time is long enough to measure. */
async function joinAndLeave(
  target: Target,
  what: string,
  { members, rounds }: { readonly members: number; readonly rounds: number },
  channelOf: (index: number) => string,
): Promise<Row> {
  const notices = { added: new Countdown(), removed: new Countdown() };
  const onMessage = ({ event }: Message): void => {
    if (event === "pusher_internal:member_added") notices.added.count();
    if (event === "pusher_internal:member_removed") notices.removed.count();
  };
  const address = { host: target.host, port: target.port, key: target.app.key };
  const clients = await inParallel(members, () => LightClient.connect(address, { onMessage }));
  const due = noticesDue(members, channelOf);
  const before = processCpuMicros(target.pid);
  for (let round = 0; round < rounds; round += 1) {
    const allAdded = notices.added.expect(due);
    const allRemoved = notices.removed.expect(due);
    await inParallel(members, (index) => join(target, clients[index], index, channelOf(index)));
    await allAdded;
    for (const [index, client] of clients.entries()) client.unsubscribe(channelOf(index));
    await allRemoved;
  }
  const cpuMicros = processCpuMicros(target.pid) - before;
  closeCrowd(clients);
  return {
    target: target.name,
    what,
    members,
    notices: 2 * due,
    cpuMicrosPerMember: cpuMicros / rounds / members,
    cpuMicrosPerNotice: cpuMicros / rounds / (2 * due),
  };
}

async function join(target: Target, client: LightClient | undefined, index: number, channel: string) {
  if (client === undefined) throw new RangeError(`there is no client ${index}`);
  const member = JSON.stringify({ user_id: String(index), user_info: { name: `Member ${index}` } });
  await client.subscribe(channel, channelCredentials(target.app, await client.socketId, channel, member));
}

/** The number of `member_added` frames after all joined: each goes to the members who joined before. */
function noticesDue(members: number, channelOf: (index: number) => string): number {
  const sizes = new Map<string, number>();
  let due = 0;
  for (let index = 0; index < members; index += 1) {
    const size = sizes.get(channelOf(index)) ?? 0;
    due += size;
    sizes.set(channelOf(index), size + 1);
  }
  return due;
}

/** Resolves after the expected number of calls. */
class Countdown {
  #left = 0;
  #done = Promise.withResolvers<void>();

  expect(count: number): Promise<void> {
    this.#left = count;
    this.#done = Promise.withResolvers<void>();
    return this.#done.promise;
  }

  count(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#done.resolve();
  }
}
