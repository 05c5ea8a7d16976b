/** The sender of a request or the client of a connection, as far as the server can determine it. */
export interface Sender {
  /** The client's IP address; empty if the socket was closed before it was read. */
  readonly address: string;
  /** The name and version that the SDK sent, such as `js 8.4.0`; null if it sent none. */
  readonly sdk: string | null;
}
