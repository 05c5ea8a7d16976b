/** Low-level HTTP: sends exactly the given bytes. */
import { connect } from "node:net";
import { within } from "../until.ts";

export interface RawAnswer {
  /** The status of each received answer, in order; empty if the connection ended without one. */
  readonly statuses: readonly number[];
  readonly text: string;
}

export interface RawRequestOptions {
  /** Closes the writing side after sending, so that a server that waits for more detects the end. */
  readonly endsAfterSending?: boolean;
}

/** Sends the bytes, then reads until the server closes. Send `Connection: close`, or it will not. */
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
