/** Subscribes, unsubscribes and disconnects run concurrently. Afterwards no channel and no connection may remain. */
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { clients: 50, rounds: 5 },
  short: { clients: 500, rounds: 40 },
  long: { clients: 2000, rounds: 200 },
} satisfies Record<Extent, unknown>;

const channels = [
  "public",
  "cache-a",
  "private-a",
  "private-cache-a",
  "presence-a",
  "presence-b",
  "presence-cache-a",
];
const stepsARound = 12;
const seed = 20_261;

export const subscribeRace: Fault = {
  title: "concurrent subscribes, unsubscribes and disconnects leave no channel and no connection behind",
  async run(extent) {
    const { clients, rounds } = sizes[extent];
    const target = await startSoketify();
    try {
      await inParallel(clients, async (index) => {
        const random = randomFrom(seed + index);
        for (let round = 0; round < rounds; round += 1) await raceOnce(target, index, random);
      });
      const problems = await checkAfterwards(target, clients);
      const lives = clients * rounds;
      return {
        figures: { clients, "lives of connections": lives, steps: lives * stepsARound, seed },
        problems,
      };
    } finally {
      await target.stop();
    }
  },
};

async function checkAfterwards(target: Target, clients: number): Promise<string[]> {
  const api = await Api.connect(target);
  try {
    await until("no connection is left", async () => (await api.connectionCount()) === 0);
    const left = await api.channels();
    const refused = await rejoin(target, clients);
    await until(
      "no connection is left after the second crowd",
      async () => (await api.connectionCount()) === 0,
    );
    return failures({
      [`no channel is occupied, but these are: ${left.join(" ")}`]: left.length === 0,
      "every client can join again after the race": refused === 0,
      "no channel is occupied at the end": (await api.channels()).length === 0,
    });
  } finally {
    api.close();
  }
}

/** One connection: steps that do not wait for answers, then an end with or without a close frame. */
async function raceOnce(target: Target, index: number, random: () => number): Promise<void> {
  const client = await LightClient.connect({ port: target.port, key: target.app.key }, {});
  for (let step = 0; step < stepsARound; step += 1) {
    const channel = channels[Math.floor(random() * channels.length)] ?? "public";
    if (random() < 0.4) client.unsubscribe(channel);
    else client.send("pusher:subscribe", await subscription(target, client, channel, index));
    if (random() < 0.2) await Bun.sleep(0);
  }
  if (random() < 0.5) client.cut();
  else client.close();
}

async function subscription(target: Target, client: LightClient, channel: string, index: number) {
  if (!channel.startsWith("private-") && !channel.startsWith("presence-")) return { channel };
  // Clients thirty apart are the same user, so that a member's first and last connection race too.
  const member = channel.startsWith("presence-")
    ? JSON.stringify({ user_id: String(index % 30) })
    : undefined;
  const { auth } = channelCredentials(target.app, await client.socketId, channel, member);
  return { channel, auth, channel_data: member };
}

/** Joins each channel once more, a few at a time, and leaves; returns how many joins failed. */
async function rejoin(target: Target, clients: number): Promise<number> {
  let refused = 0;
  const joined = await inParallel(Math.min(clients, 60), async (index) => {
    const client = await LightClient.connect({ port: target.port, key: target.app.key }, {});
    const channel = channels[index % channels.length] ?? "public";
    const { auth, channel_data } = {
      auth: "",
      channel_data: undefined,
      ...(await subscription(target, client, channel, index)),
    };
    const credentials = channel_data === undefined ? { auth } : { auth, channelData: channel_data };
    await client.subscribe(channel, credentials).catch(() => {
      refused += 1;
    });
    return client;
  });
  closeCrowd(joined);
  return refused;
}

/** A generator that gives the same numbers for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) await runAsProgram(subscribeRace);
