import { beforeEach, describe, expect, test } from "bun:test";
import { type PusherApiStage, startPusherApi } from "../../test/support/pusher-api-stage.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";

let stage: PusherApiStage;

beforeEach(() => {
  stage = startPusherApi();
});

async function getChannels() {
  const answer = await stage.ask({ method: "GET", path: "/apps/1/channels", query: {} });
  return [answer.status, answer.text];
}

describe("while the engine is unreachable", () => {
  const body = JSON.stringify({ name: "e", channel: "news", data: "d" });
  const send = () => stage.ask({ method: "POST", path: "/apps/1/events", body });

  test("requests that need it are answered 503 with Retry-After", async () => {
    stage.broker.publish = () => Promise.reject(new EngineUnreachable("The engine is unreachable"));
    stage.roster.channels = () => Promise.reject(new EngineUnreachable("The engine is unreachable"));
    const published = await send();
    expect(published).toMatchObject({ status: 503, text: "The engine is unreachable\n" });
    expect(published.headers.get("retry-after")).toBe("1");
    expect(await getChannels()).toEqual([503, "The engine is unreachable\n"]);
    expect(stage.bugs).toEqual([]);
  });

  test("an event that only this node delivered is answered 200 with a note", async () => {
    stage.broker.publish = () => Promise.resolve({ outcome: "local", recipients: 0 });
    const published = await send();
    expect([published.status, published.text]).toEqual([200, "{}"]);
    expect(published.headers.get("soketify-delivery")).toBe("local");
  });
});

test("an unexpected error is reported and answered 500 without details", async () => {
  stage.roster.channels = () => Promise.reject(new Error("inner words"));
  expect(await getChannels()).toEqual([500, "Internal server error\n"]);
  expect(stage.bugs).toEqual([new Error("inner words")]);
});
