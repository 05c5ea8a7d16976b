/** A part of the conformance suite with clients that cannot use WebSocket. CONTRIBUTING.md describes how to run all of it. */
import { setDefaultTimeout, test } from "bun:test";
import { conforms } from "../support/run-conformance.ts";

setDefaultTimeout(240_000);

test("clients that stream conform", () =>
  conforms(
    { transport: "xhr_streaming" },
    "transport",
    "channels",
    "presence",
    "users",
    "client-events",
    "cache-channels",
    "subscription-errors",
    "connections",
    "tls",
  ));
