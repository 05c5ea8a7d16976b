import { expect, test } from "bun:test";
import { HttpError } from "./errors.ts";

test("an HTTP error has a status, a message and, if they are given, headers", () => {
  const headers = { "Retry-After": "1" };
  expect(new HttpError(429, "Too many requests", headers)).toMatchObject({
    status: 429,
    message: "Too many requests",
    headers,
  });
  expect(new HttpError(400, "Invalid").headers).toEqual({});
});
