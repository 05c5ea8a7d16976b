import { beforeEach, describe, expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { FakeTopics, hubOver } from "../../test/support/fakes/fake-topics.ts";
import { type Hub, watchTopic } from "./hub.ts";

let topics: FakeTopics;
let hub: Hub;

beforeEach(() => {
  topics = new FakeTopics();
  hub = hubOver(topics);
});

function connect(socketId: string, appId = "1", mustAuthorize = false) {
  const fake = fakeConnection(socketId, appId, 0, topics);
  hub.add(fake.connection, mustAuthorize);
  return fake;
}

test("connections are found by app and socket id, separately for each app", () => {
  const one = connect("1.1");
  const other = connect("1.1", "2");
  expect(hub.find("1", "1.1")).toBe(one.connection);
  expect(hub.find("2", "1.1")).toBe(other.connection);
  expect([hub.find("1", "9.9"), hub.find("3", "1.1")]).toEqual([null, null]);
  expect([...hub.connections("1")]).toEqual([one.connection]);
  expect([...hub.allConnections()]).toEqual([one.connection, other.connection]);
});

test("counts follow opened and closed connections, and a second removal changes nothing", () => {
  const one = connect("1.1");
  connect("2.2");
  connect("1.1", "2");
  hub.remove(one.connection);
  hub.remove(one.connection);
  expect([hub.connectionCount, hub.connectionCountOf("1"), hub.connectionCountOf("2")]).toEqual([2, 1, 1]);
});

test("connections that must still authorize are in order of opening and do not count towards a quota", () => {
  const first = connect("1.1", "1", true);
  const second = connect("2.2", "1", true);
  connect("3.3");
  expect([...hub.unauthorized("1")]).toEqual([first.connection, second.connection]);
  expect(hub.authorizedCountOf("1")).toBe(1);
  hub.markAuthorized(first.connection);
  hub.remove(second.connection);
  expect([...hub.unauthorized("1")]).toEqual([]);
  expect(hub.authorizedCountOf("1")).toBe(2);
});

test("a user's connections are found until the last of them closes", () => {
  const one = connect("1.1");
  const two = connect("2.2");
  for (const { connection } of [one, two]) hub.addUser("ada", connection);
  hub.removeUser("ada", one.connection);
  hub.removeUser("ada", one.connection);
  expect([...hub.connectionsOfUser("1", "ada")]).toEqual([two.connection]);
  hub.removeUser("ada", two.connection);
  expect([...hub.connectionsOfUser("1", "ada")]).toEqual([]);
  expect([...hub.connectionsOfUser("2", "ada")]).toEqual([]);
});

describe("delivery to a topic", () => {
  test("a delivery reaches every subscriber, and they are counted", () => {
    const two = [connect("1.1"), connect("2.2")];
    for (const { connection } of two) hub.enter(connection, "news");
    connect("3.3");
    hub.deliver("1", "news", "frame");
    expect(hub.subscriberCount("1", "news")).toBe(2);
    expect(two.map(({ socket }) => socket.frames)).toEqual([["frame"], ["frame"]]);
  });

  test("excludes one connection, subscribed or not", () => {
    const sender = connect("1.1");
    const other = connect("2.2");
    hub.enter(other.connection, "news");
    hub.deliver("1", "news", "before", sender.connection);
    hub.enter(sender.connection, "news");
    hub.deliver("1", "news", "after", sender.connection);
    expect([sender.socket.frames, other.socket.frames]).toEqual([[], ["before", "after"]]);
  });

  test("reaches nobody in an app or a watchlist of the same name", () => {
    const [other, watcher] = [connect("1.1", "11"), connect("2.2")];
    hub.enter(other.connection, "ada");
    hub.enter(watcher.connection, watchTopic("ada"));
    hub.deliver("1", "ada", "frame");
    expect(hub.subscriberCount("1", "ada")).toBe(0);
    hub.deliver("1", "watch-ada", "frame");
    expect(hub.subscriberCount("1", "watch-ada")).toBe(0);
    expect([other.socket.frames, watcher.socket.frames]).toEqual([[], []]);
  });
});

test("a removed connection is in no topic, even if it stays a member for a while", () => {
  const { connection } = connect("1.1");
  connection.user = { id: "ada", infoJson: null, watchlist: ["bob"], secretId: "s", signedInAtMs: 0 };
  connection.subscriptions.set("news", { userId: null, secretId: null, infoBytes: 0 });
  for (const topic of ["news", watchTopic("bob")]) hub.enter(connection, topic);
  hub.remove(connection);
  expect(hub.subscriberCount("1", "news")).toBe(0);
  expect(hub.subscriberCount("1", watchTopic("bob"))).toBe(0);
  expect(connection.subscriptions.has("news")).toBe(true);
});

test("connections are counted by app, without apps that have none", () => {
  const [one, two, other] = [
    fakeConnection("1.1", "1").connection,
    fakeConnection("2.2", "1").connection,
    fakeConnection("3.3", "2").connection,
  ];
  for (const connection of [one, two, other]) hub.add(connection, false);
  expect([...hub.connectionCounts()]).toEqual([
    ["1", 2],
    ["2", 1],
  ]);
  hub.remove(other);
  hub.addUser("ada", fakeConnection("4.4", "3").connection);
  expect([...hub.connectionCounts()]).toEqual([["1", 2]]);
});

test("a topic has subscribers while a connection of this node is subscribed", () => {
  const { connection } = connect("1.1");
  expect(hub.subscriberCount("1", "news")).toBe(0);
  hub.enter(connection, "news");
  expect(hub.subscriberCount("1", "news")).toBe(1);
  hub.leave(connection, "news");
  expect(hub.subscriberCount("1", "news")).toBe(0);
});
