import { expect, test } from "bun:test";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import type { Sent } from "./otlp-sender.ts";
import { SpanQueue } from "./span-queue.ts";

function stage(bytesMax = 1_000_000) {
  const clock = new FakeClock();
  const requests: number[] = [];
  const answers: Sent[] = [];
  const queue = new SpanQueue({
    isJson: true,
    clock,
    bytesMax,
    everyMs: 5_000,
    async send(body) {
      const { resourceSpans } = JSON.parse(new TextDecoder().decode(body));
      requests.push(resourceSpans[0].scopeSpans[0].spans.length);
      return answers.shift() ?? "accepted";
    },
  });
  const tracer = new BasicTracerProvider({ spanProcessors: [queue] }).getTracer("test");
  const end = (count: number, text = "") => {
    for (let number = 0; number < count; number += 1)
      tracer.startSpan("POST", { attributes: { text } }).end();
  };
  /** Lets the time pass and the requests end. */
  const pass = async () => {
    clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, requests, answers, end, pass };
}

test("spans wait for others, and many are sent at once", async () => {
  const { queue, requests, end, pass } = stage();
  end(3);
  expect(requests).toEqual([]);
  await pass();
  expect(requests).toEqual([3]);
  end(512);
  expect(requests).toEqual([3, 512]);
  await pass();
  expect(queue.figures).toEqual({ exported: 515, lost: 0 });
});

test("while the receiver is unreachable spans are kept and sent again", async () => {
  const { queue, requests, answers, end, pass } = stage();
  answers.push("later", "later");
  end(2);
  await pass();
  end(1);
  await pass();
  await pass();
  expect(requests).toEqual([2, 3, 3]);
  expect(queue.figures).toEqual({ exported: 3, lost: 0 });
});

test("a span beyond the queue's byte limit is dropped and counted", async () => {
  const { queue, requests, answers, end, pass } = stage(10_000);
  answers.push("later");
  end(20, "x".repeat(500));
  await pass();
  expect(requests).toEqual([4]);
  expect(queue.figures).toEqual({ exported: 0, lost: 16 });
  await pass();
  end(1);
  await pass();
  expect(queue.figures).toEqual({ exported: 5, lost: 16 });
});

test("spans that the receiver refuses are lost, and so are spans that wait after the stop", async () => {
  const { queue, answers, end, pass } = stage();
  answers.push("refused", "later");
  end(2);
  await pass();
  expect(queue.figures).toEqual({ exported: 0, lost: 2 });
  end(3);
  await queue.shutdown();
  expect(queue.figures).toEqual({ exported: 0, lost: 5 });
});
