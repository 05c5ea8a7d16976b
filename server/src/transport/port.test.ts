import { expect, test } from "bun:test";
import { Port, type PortOptions } from "./port.ts";

test("a handler that throws gives a 500 without details, and the error is reported", async () => {
  const bugs: unknown[] = [];
  const error = new Error("the inside of the server");
  const options: PortOptions = {
    host: "127.0.0.1",
    port: 0,
    tls: null,
    isShared: false,
    hstsMaxAgeS: 0,
    onBug: (bug) => bugs.push(bug),
  };
  const fetchThrows = () => {
    throw error;
  };
  const port = new Port(options);
  const number = port.listen({ fetch: fetchThrows });
  const answer = await fetch(`http://127.0.0.1:${number}/`);
  expect([answer.status, await answer.text()]).toEqual([500, "Internal server error\n"]);
  expect(bugs).toEqual([error]);
  port.stopNow();
});
