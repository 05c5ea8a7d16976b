import { expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { startProtocol } from "../../test/support/protocol-stage.ts";
import { createReadCachedEvent } from "./read-cached-event.ts";

test("a cache channel has its last event until it expires, and any other channel none", async () => {
  const stage = startProtocol({
    settings: { cacheTtlMs: 1_000, channelRules: [{ pattern: "kept-*", historyEventsMax: 5 }] },
  });
  const read = createReadCachedEvent(stage.broker);
  expect(await read(stage.app(), "cache-a")).toBeNull();
  const channels = ["cache-a", "kept-a", "news"];
  const event = { name: "e", data: "d", channels, exceptSocketId: null };
  await stage.stack.publish.send(stage.app(), event, nobody);
  const expiresAtMs = stage.clock.now() + 1_000;
  stage.clock.advance(400);
  const found = { name: "e", data: "d", expiresAtMs, leftMs: 600 };
  expect(await read(stage.app(), "cache-a")).toEqual(found);
  for (const channel of ["kept-a", "news"]) expect(await read(stage.app(), channel)).toBeNull();
  stage.clock.advance(600);
  expect(await read(stage.app(), "cache-a")).toBeNull();
});
