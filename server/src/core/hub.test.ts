import { beforeEach, describe, expect, test } from "bun:test";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { FakeTopics } from "../../test/support/fakes/fake-topics.ts";
import { channelTopic, Hub, watchTopic } from "./hub.ts";

let topics: FakeTopics;
let hub: Hub;

beforeEach(() => {
  topics = new FakeTopics();
  hub = new Hub(topics);
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
  const topic = channelTopic("1", "news");

  test("a delivery reaches every subscriber and returns their number", () => {
    const two = [connect("1.1"), connect("2.2")];
    for (const { socket } of two) socket.subscribe(topic);
    connect("3.3");
    expect(hub.deliver(topic, "frame", null)).toBe(2);
    expect(two.map(({ socket }) => socket.frames)).toEqual([["frame"], ["frame"]]);
  });

  test("excludes one socket, and subtracts it from the count only if it was subscribed", () => {
    const sender = connect("1.1");
    const other = connect("2.2");
    other.socket.subscribe(topic);
    expect(hub.deliver(topic, "before", sender.connection)).toBe(1);
    sender.socket.subscribe(topic);
    sender.connection.subscriptions.set("news", { userId: null, secretId: null, infoBytes: 0 });
    expect(hub.deliver(topic, "after", sender.connection)).toBe(1);
    expect([sender.socket.frames, other.socket.frames]).toEqual([[], ["before", "after"]]);
  });

  test("does not call the runtime if there are no subscribers", () => {
    expect(hub.deliver(topic, "frame", null)).toBe(0);
    expect(topics.published).toBe(0);
  });
});

test("the topics of apps, channels and watched users are all different", () => {
  const names = [
    channelTopic("1", "a"),
    channelTopic("11", "a"),
    watchTopic("1", "a"),
    channelTopic("1", "watch-a"),
  ];
  expect(new Set(names).size).toBe(names.length);
});

test("connections are counted by app, without apps that have none", () => {
  const hub = new Hub(new FakeTopics());
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

test("a topic has subscribers while a socket of this node is subscribed", () => {
  const topic = channelTopic("1", "news");
  const { socket } = connect("1.1");
  expect(hub.hasSubscribers(topic)).toBe(false);
  socket.subscribe(topic);
  expect(hub.hasSubscribers(topic)).toBe(true);
});
