import { expect, test } from "bun:test";
import { actorLabel } from "./actor.ts";

test("a token is named as one, so that its label cannot look like a person's", () => {
  const name = "ada@example.com";
  expect(actorLabel({ kind: "token", name })).toBe("token ada@example.com");
  expect(actorLabel({ kind: "person", name })).toBe("ada@example.com");
});
