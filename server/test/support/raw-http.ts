/** HTTP by hand: the bytes that are sent are the bytes that were written. */
import { connect } from "node:net";
import { within } from "./until.ts";

export interface RawAnswer {
  /** The status of each answer that came, in order; empty if the connection just ended. */
  readonly statuses: readonly number[];
  readonly text: string;
}

export interface RawRequestOptions {
  /** The client says that it is done writing; a server that waits for more then knows that none comes. */
  readonly endsAfterSending?: boolean;
}

/** Sends the bytes, then reads until the server closes. Ask for `Connection: close`, or the server will not. */
export async function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  options: RawRequestOptions = {},
): Promise<RawAnswer> {
  const tcp = connect(port, "127.0.0.1");
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let text = "";
  tcp.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  tcp.on("error", () => tcp.destroy());
  tcp.on("close", () => resolve());
  tcp.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  if (options.endsAfterSending) tcp.end();
  await within("the server to answer and close", closed).finally(() => tcp.destroy());
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, text };
}
