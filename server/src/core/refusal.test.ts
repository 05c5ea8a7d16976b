import { expect, test } from "bun:test";
import { Refusal } from "./refusal.ts";

test("a refusal has the HTTP status of its code, and more facts if they are given", () => {
  const refusal = new Refusal("secret_in_use", "The secret is in use", { lastUsedAt: 5 });
  expect(refusal).toMatchObject({
    code: "secret_in_use",
    status: 409,
    message: "The secret is in use",
    facts: { lastUsedAt: 5 },
  });
  expect(new Refusal("not_found", "There is no such page")).toMatchObject({ status: 404, facts: {} });
});
