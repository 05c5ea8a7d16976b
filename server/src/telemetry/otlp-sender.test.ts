import { afterEach, expect, test } from "bun:test";
import { type OtlpReceiver, startOtlpReceiver } from "../../test/support/otlp-receiver.ts";
import { OtlpSender } from "./otlp-sender.ts";

let receiver: OtlpReceiver | null = null;
afterEach(() => receiver?.stop());

function stage() {
  const started = startOtlpReceiver();
  receiver = started;
  const { url } = started;
  const lines: string[] = [];
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`),
  };
  const target = { url: `${url}/v1/traces`, headers: {}, timeoutMs: 10_000, isJson: false };
  const sender = new OtlpSender(target, "Traces", log);
  return { receiver: started, lines, host: new URL(url).host, send: () => sender.send(new Uint8Array([10])) };
}

test("a failure is logged once, and so is its end", async () => {
  const { receiver, lines, host, send } = stage();
  receiver.answerWith(503);
  expect([await send(), await send()]).toEqual(["later", "later"]);
  receiver.answerWith(400);
  expect(await send()).toBe("refused");
  receiver.answerWith(200);
  expect([await send(), await send()]).toEqual(["accepted", "accepted"]);
  expect(lines).toEqual([
    `Traces cannot be sent to the OTLP receiver {"receiver":"${host}","reason":"it answered 503"}`,
    "Traces are sent to the OTLP receiver again",
  ]);
  expect(receiver.requests[0]).toMatchObject({
    path: "/v1/traces",
    bytes: 1,
    headers: { "content-type": "application/x-protobuf" },
  });
});

test("an unreachable receiver does not throw", async () => {
  const { receiver, lines, send } = stage();
  await receiver.stop();
  expect(await send()).toBe("later");
  expect(lines).toHaveLength(1);
});
