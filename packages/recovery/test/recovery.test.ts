/** The plugin with each supported `pusher-js`, against a small server with history. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import PusherEight from "pusher-js";
import PusherSeven from "pusher-js-7";
import { until } from "../../../server/test/support/until.ts";
import { type MissedReason, recover } from "../src/recovery.ts";
import { HistoryServer } from "./history-server.ts";

let server: HistoryServer;
let pusher: PusherEight;
beforeEach(() => {
  server = new HistoryServer();
});
afterEach(async () => {
  pusher.disconnect();
  await server.stop();
});

describe.each([
  ["8.6", PusherEight, 3],
  // Version 7 stops using WebSocket after two connections that closed shortly after they opened.
  ["7.6", PusherSeven as unknown as typeof PusherEight, 1],
])("pusher-js %s", (_, Pusher, reconnects) => {
  /** A client that records the events of the channel `news`. */
  function connect() {
    const options = {
      wsHost: "127.0.0.1",
      wsPort: server.port,
      forceTLS: false,
      disableStats: true,
      enabledTransports: ["ws" as const],
      cluster: "default",
    };
    pusher = new Pusher("key", options);
    const received: string[] = [];
    const missed: [string, MissedReason][] = [];
    recover(pusher, {
      onMissed: (channel, reason) => missed.push([channel, reason]),
      reconnectDelayMsMax: 1,
    });
    const subscribe = () => {
      const channel = pusher.subscribe("news");
      channel.bind("e", (data: string) => received.push(data));
      channel.bind("pusher:subscription_succeeded", () => received.push("subscribed"));
      channel.bind("soketify:recovered", ({ replayed }: { replayed: number }) =>
        received.push(`+${replayed}`),
      );
      channel.bind("soketify:missed", ({ reason }: { reason: string }) => received.push(`missed ${reason}`));
    };
    subscribe();
    return { received, missed, subscribe };
  }

  /** Waits until the client has recorded `count` events; a failure shows what it recorded. */
  async function receives(received: readonly string[], count: number): Promise<void> {
    await until(`${count} entries`, () => received.length >= count);
  }

  test("the client gets missed events after it subscribes again, once and in order", async () => {
    const { received, missed } = connect();
    await receives(received, 1);
    server.publish("a");
    await receives(received, 2);
    server.cut();
    for (const data of ["b", "c", "d"]) server.publish(data);
    await receives(received, 7);
    server.publish("e");
    await receives(received, 8);
    expect(received).toEqual(["subscribed", "a", "subscribed", "+3", "b", "c", "d", "e"]);
    expect(missed).toEqual([]);
    expect(server.recovers).toEqual([null, { epoch: "life-1", offset: 1, socket_id: "1.1" }]);
  });

  test("each reconnect continues from the last received event", async () => {
    const { received } = connect();
    await receives(received, 1);
    for (let round = 0; round < reconnects; round++) {
      server.cut();
      server.publish(`event ${round}`);
      await receives(received, 1 + 3 * (round + 1));
    }
    expect(received.filter((text) => text.startsWith("event"))).toEqual(
      ["event 0", "event 1", "event 2"].slice(0, reconnects),
    );
    const sockets = [null, "1.1", "1.2", "1.3"].slice(0, reconnects + 1);
    expect(server.recovers.map((recover) => recover?.socket_id ?? null)).toEqual(sockets);
  });

  test("the app is notified if the server cannot replay", async () => {
    const { received, missed } = connect();
    await receives(received, 1);
    server.epoch = "life-2";
    server.cut();
    await receives(received, 3);
    expect(received).toEqual(["subscribed", "subscribed", "missed unknown_epoch"]);
    expect(missed).toEqual([["news", "unknown_epoch"]]);
  });

  test("the app is notified if the channel no longer has a history", async () => {
    const { received, missed } = connect();
    await receives(received, 1);
    server.epoch = null;
    server.cut();
    await receives(received, 3);
    expect(missed).toEqual([["news", "no_history"]]);
  });

  test("a channel that the app left and subscribed to again has no position", async () => {
    const { received, missed, subscribe } = connect();
    await receives(received, 1);
    pusher.unsubscribe("news");
    subscribe();
    await receives(received, 2);
    expect(server.recovers).toEqual([null, null]);
    expect(missed).toEqual([]);
  });

  test("the plugin sends nothing unusual to a server without history", async () => {
    server.epoch = null;
    const { received, missed } = connect();
    await receives(received, 1);
    server.cut();
    await receives(received, 2);
    expect(server.recovers).toEqual([null, null]);
    expect(missed).toEqual([]);
  });

  test("a second call for the same client changes nothing", async () => {
    const { received } = connect();
    recover(pusher);
    await receives(received, 1);
    server.cut();
    server.publish("a");
    await receives(received, 4);
    expect(received).toEqual(["subscribed", "subscribed", "+1", "a"]);
  });

  test("the delay before a reconnect is random, with a bound that doubles", () => {
    const { received } = connect();
    expect(received).toEqual([]);
    const client = new Pusher("key", { wsHost: "127.0.0.1", wsPort: 1, forceTLS: false, cluster: "default" });
    const manager = client.connection as unknown as { retryIn(delayMs: number): void };
    const pauses: number[] = [];
    manager.retryIn = (delayMs) => pauses.push(delayMs);
    recover(client, { reconnectDelayMsMax: 4_000 });
    const random = Math.random;
    Math.random = () => 0.5;
    for (let attempt = 0; attempt < 4; attempt++) manager.retryIn(1_000);
    Math.random = random;
    client.disconnect();
    expect(pauses).toEqual([500, 1_000, 2_000, 2_000]);
  });
});
