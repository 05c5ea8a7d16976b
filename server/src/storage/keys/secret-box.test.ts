import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { SecretBox, SecretUnreadable } from "./secret-box.ts";

const key = randomBytes(32);
const box = new SecretBox(key);

test("open returns the sealed text with the same key and context", () => {
  const sealed = box.seal("a secret 😀", "app/1/secret/2");
  expect(new SecretBox(key).open(sealed, "app/1/secret/2").toString()).toBe("a secret 😀");
  expect(sealed).not.toContain("a secret");
});

test("seal returns a different result for the same text each time", () => {
  expect(box.seal("text", "place")).not.toBe(box.seal("text", "place"));
});

test("open refuses another key and another context", () => {
  const sealed = box.seal("text", "app/1/secret/2");
  expect(() => box.open(sealed, "app/2/secret/2")).toThrow(SecretUnreadable);
  expect(() => new SecretBox(randomBytes(32)).open(sealed, "app/1/secret/2")).toThrow(SecretUnreadable);
});

test("open refuses altered, shortened and foreign texts", () => {
  const sealed = box.seal("text", "place");
  for (let at = 3; at < sealed.length - 1; at += 1) {
    const altered = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    expect(() => box.open(altered, "place")).toThrow(SecretUnreadable);
  }
  for (const foreign of ["", "v1.", "v1.AAAA", sealed.slice(3), `v2.${sealed.slice(3)}`, sealed.slice(0, -8)])
    expect(() => box.open(foreign, "place")).toThrow(SecretUnreadable);
});
