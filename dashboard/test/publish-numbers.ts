import Pusher from "pusher";
import type { RunningServer } from "../../server/test/support/start-server.ts";

const batchMax = 10;

/** Publishes events with increasing numbers from `first`, ten in a request. */
export async function publishNumbers(
  { app, host, port }: RunningServer,
  channel: string,
  first: number,
  count: number,
  text = "",
): Promise<void> {
  const backend = new Pusher({
    appId: app.id,
    key: app.key,
    secret: app.secret,
    host,
    port: String(port),
    useTLS: false,
  });
  for (let from = first; from < first + count; from += batchMax) {
    const length = Math.min(batchMax, first + count - from);
    await backend.triggerBatch(
      Array.from({ length }, (_, index) => ({
        channel,
        name: "tick",
        data: `number-${from + index} ${text}`,
      })),
    );
  }
}
