/**
 * A part of the conformance suite against several nodes. CONTRIBUTING.md describes how to run all of it with any number.
 */
import { setDefaultTimeout, test } from "bun:test";
import { conforms } from "../support/run-conformance.ts";

// Each test of a suite and each wait in it has its own limit. A whole suite may take any time on a busy machine, so this one
// only ends a process that hangs.
setDefaultTimeout(1_800_000);

test("presence, users, channels and queries conform on three nodes, with clients on each of them", () =>
  conforms({ nodes: 3 }, "presence", "users", "channels", "http-queries"));

test("clients without WebSocket need no sticky balancer", () => conforms({ nodes: 2 }, "http-fallbacks"));

test("clients that poll conform on two nodes", () =>
  conforms({ nodes: 2, transport: "xhr_polling" }, "transport", "presence", "client-events"));
