import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fakes/fake-clock.ts";
import { SecretUsers } from "./secret-users.ts";

function start() {
  const clock = new FakeClock();
  /** The pending secret of each app whose secret is rotated. */
  const rotating = new Map([["1", "new"]]);
  const users = new SecretUsers({ pendingSecretIdOf: (appId) => rotating.get(appId) ?? null }, clock);
  const use = (secretId: string, address: string, sdk = "php 7.2") =>
    users.record("1", secretId, { address, sdk });
  return { clock, rotating, users, use };
}

test("each sender is listed with its secret, its count and its rate, most recent first", () => {
  const { clock, users, use } = start();
  for (let request = 0; request < 3; request++) use("old", "10.0.0.4");
  clock.advance(60_000);
  use("old", "10.0.0.4");
  use("new", "10.0.0.4");
  expect(users.of("1")).toMatchObject([
    { secretId: "new", requests: 1, requestsLastMinute: 1 },
    { secretId: "old", address: "10.0.0.4", sdk: "php 7.2", requests: 4, requestsLastMinute: 3 },
  ]);
  clock.advance(60_000);
  expect(users.of("1").map(({ requestsLastMinute }) => requestsLastMinute)).toEqual([1, 1]);
  clock.advance(60_000);
  expect(users.of("1").map(({ requestsLastMinute }) => requestsLastMinute)).toEqual([0, 0]);
});

test("the senders of an app are limited, and removed after the rotation", () => {
  const { rotating, users, use } = start();
  for (let index = 0; index < 200; index++) use("old", `10.0.0.${index}`);
  expect(users.of("1")).toHaveLength(50);
  expect(users.of("1")[0]).toMatchObject({ address: "10.0.0.199" });
  rotating.clear();
  use("old", "10.0.0.1");
  rotating.set("1", "newer");
  expect(users.of("1")).toEqual([]);
});

test("a full list drops the sender that was inactive for longest", () => {
  const { users, use } = start();
  for (let index = 0; index < 50; index++) use("old", `10.0.0.${index}`);
  use("old", "10.0.0.0");
  use("old", "10.0.0.50");
  const addresses = users.of("1").map(({ address }) => address);
  expect([addresses.includes("10.0.0.0"), addresses.includes("10.0.0.1")]).toEqual([true, false]);
});

test("after the rotation no sender is listed, even if no request came since", () => {
  const { rotating, users, use } = start();
  use("old", "10.0.0.1");
  rotating.clear();
  expect(users.of("1")).toEqual([]);
});

test("a rotation that begins right after another one counts from its own beginning", () => {
  const { rotating, users, use } = start();
  for (const secretId of ["old", "new"]) use(secretId, "10.0.0.1");
  rotating.set("1", "newer");
  expect(users.of("1")).toEqual([]);
  use("new", "10.0.0.1");
  expect(users.of("1")).toMatchObject([{ secretId: "new", requests: 1 }]);
});

test("without a rotation the sender is not read", () => {
  const { rotating, users } = start();
  rotating.clear();
  const unread = {
    get address(): string {
      throw new Error("read");
    },
    sdk: null,
  };
  users.record("1", "old", unread);
  expect(users.of("1")).toEqual([]);
});
