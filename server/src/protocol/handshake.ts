/** The query of a connection URL: `?protocol=7&client=js&version=8.6.0`. */
import { CloseConnection, closeCodes } from "./errors.ts";
import { ownText } from "./own-text.ts";

export interface Handshake {
  readonly protocol: number;
  /** The SDK, such as `js`, and its version; empty if the client sends none. */
  readonly client: string;
  readonly version: string;
}

/** Versions 4 to 7 need no difference in the server: only clients behave differently. */
const oldestProtocol = 4;
const newestProtocol = 7;
const textLengthMax = 64;

/**
 * Parses the query of a connection URL. Unknown parameters are ignored; `client` and `version` may be absent.
 * @throws CloseConnection 4006, 4007 or 4008
 */
export function parseHandshake(query: URLSearchParams): Handshake {
  const client = ownText((query.get("client") ?? "").slice(0, textLengthMax));
  const version = ownText((query.get("version") ?? "").slice(0, textLengthMax));
  const protocolText = query.get("protocol");
  if (protocolText === null || protocolText === "") {
    throw new CloseConnection(
      closeCodes.noProtocol,
      `No protocol version supplied: add ?protocol=${newestProtocol} to the URL`,
    );
  }
  if (!/^\d{1,4}$/.test(protocolText)) {
    throw new CloseConnection(
      closeCodes.invalidVersion,
      `Invalid version string format: protocol must be a number from ${oldestProtocol} to ${newestProtocol}`,
    );
  }
  if (version !== "" && !/^v?\d[\w.+-]*$/.test(version)) {
    throw new CloseConnection(
      closeCodes.invalidVersion,
      "Invalid version string format: version must look like 8.6.0",
    );
  }
  const protocol = Number(protocolText);
  if (protocol < oldestProtocol || protocol > newestProtocol) {
    throw new CloseConnection(
      closeCodes.unsupportedProtocol,
      `Unsupported protocol version ${protocol}: use ${oldestProtocol} to ${newestProtocol}`,
    );
  }
  return { protocol, client, version };
}

/** Such as `js 8.4.0`; null if the client sent neither name nor version. */
export function sdkName({ client, version }: Pick<Handshake, "client" | "version">): string | null {
  return ownText([client, version].filter((part) => part !== "").join(" ")) || null;
}
