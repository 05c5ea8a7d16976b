import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { freePort } from "../../test/support/net/free-port.ts";
import { describeFailure, RequestFailed } from "./describe-failure.ts";
import { createTargetFetcher } from "./fetch-target.ts";
import { TargetGuard, TargetRefused } from "./target-guard.ts";

const address = /\d+\.\d+\.\d+\.\d+|::/;

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  [failure("ECONNREFUSED", "connect ECONNREFUSED 10.0.0.5:80"), "The connection was refused"],
  [failure("EHOSTUNREACH", "connect EHOSTUNREACH fd00::5:80"), "The host could not be reached"],
  [failure("ECONNRESET", "read ECONNRESET"), "The connection was closed before the response"],
  [
    failure("ERR_TLS_CERT_ALTNAME_INVALID", "Host: x. is not cert's altnames: DNS:db.internal, IP:10.0.0.5"),
    "The host's certificate is for another name",
  ],
  [failure("ERR_SSL_WRONG_VERSION_NUMBER", "wrong version 10.0.0.5"), "The TLS connection failed"],
  [failure("HPE_INVALID_CONSTANT", "Parse Error"), "The response is not HTTP"],
  [failure("ENEW", "something new at 10.0.0.5:80"), "The request failed"],
  ["10.0.0.5 is odd", "The request failed"],
  [new RequestFailed("No complete response within 4000 ms"), "No complete response within 4000 ms"],
  [
    new TargetRefused("inside.example.com is not at a public address", "It is at 10.0.0.5"),
    "inside.example.com is not at a public address",
  ],
])("%p is described without an address", (error, answer) => {
  const reported = describeFailure(error);
  expect(reported.answer).toBe(answer);
  expect(reported.answer).not.toMatch(address);
});

test("the network's message is kept in the detail", () => {
  const message = "connect ECONNREFUSED 10.0.0.5:80";
  expect(describeFailure(failure("ECONNREFUSED", message)).detail).toBe(message);
});

test("a refused connection is described without the address", async () => {
  const port = await freePort();
  const guard = new TargetGuard({ allow: ["127.0.0.0/8"], isHttpAllowed: true }, async () => [
    { address: "127.0.0.1", family: 4 },
  ]);
  const { fetchTo } = createTargetFetcher(guard, new FakeClock());
  const request = { url: `http://inside.example.com:${port}/`, headers: {}, body: "{}", timeoutMs: 1_000 };
  const error = await fetchTo(request).catch((thrown: unknown) => thrown);
  expect(describeFailure(error).answer).toBe("The connection was refused");
});
