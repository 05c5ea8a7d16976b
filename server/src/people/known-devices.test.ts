import { expect, test } from "bun:test";
import { KnownDevices } from "./known-devices.ts";

const devices = new KnownDevices("5e".repeat(32));

test("a browser is recognized for its account by its own id", () => {
  const [one, other] = [devices.newToken("ada@example.com"), devices.newToken("ada@example.com")];
  expect(devices.idOf(one, "ada@example.com")).toMatch(/^[\w-]{22}$/);
  expect(devices.idOf(other, "ada@example.com")).not.toBe(devices.idOf(one, "ada@example.com"));
});

test("a token is invalid for another account or server, and cannot be forged", () => {
  const token = devices.newToken("ada@example.com");
  const id = token.split(".")[0];
  expect(devices.idOf(token, "bob@example.com")).toBeNull();
  expect(new KnownDevices("5f".repeat(32)).idOf(token, "ada@example.com")).toBeNull();
  for (const wrong of [null, "", ".", `${id}.`, `${id}.${"0".repeat(64)}`, `x${token}`])
    expect(devices.idOf(wrong, "ada@example.com")).toBeNull();
});
