/** The part of the roster contract about signed-in users. */
import { expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { appId, type RosterStage } from "./roster-stage.ts";

/** @param open returns the stage of the running test */
export function rosterUsersContract(open: () => RosterStage): void {
  test("a user is online from the first signed-in connection on any node to the last", async () => {
    const stage = open();
    await stage.first.userConnected(appId, "ada", true);
    await stage.last.userConnected(appId, "ada", true);
    await stage.first.userDisconnected(appId, "ada", true);
    expect(await stage.first.onlineUsers(appId, ["bob", "ada", "__proto__"])).toEqual(new Set(["ada"]));
    await stage.last.userDisconnected(appId, "ada", true);
    expect(await stage.reported(2)).toEqual([
      { type: "user_online", userId: "ada" },
      { type: "user_offline", userId: "ada" },
    ]);
    expect([await stage.last.onlineUsers(appId, ["ada"]), await stage.first.onlineUsers(appId, [])]).toEqual([
      new Set(),
      new Set(),
    ]);
  });

  test("a watching node has the online state of a user, and receives each change that notifies watchers", async () => {
    const stage = open();
    await stage.last.userConnected(appId, "ada", true);
    await stage.first.watch(appId, ["ada", "bob"]);
    expect([stage.first.isOnline(appId, "ada"), stage.first.isOnline(appId, "bob")]).toEqual([true, false]);
    const [line] = stage.lines;
    const from = line?.received.length ?? 0;
    await stage.last.userConnected(appId, "bob", true);
    await stage.last.userDisconnected(appId, "ada", true);
    await until("both changes", () => line?.received.length === from + 2);
    // There is no order between the lines of two users.
    expect(new Map(line?.received.slice(from).map(({ channel, value }) => [channel, value]))).toEqual(
      new Map([
        ["bob", true],
        ["ada", false],
      ]),
    );
    expect([stage.first.isOnline(appId, "ada"), stage.first.isOnline(appId, "bob")]).toEqual([false, true]);
    await stage.last.userConnected(appId, "eve", false);
    await stage.last.userDisconnected(appId, "eve", false);
    await stage.reported(5);
    expect(line?.received.slice(from)).toHaveLength(2);
  });
}
