/** The refusals: the expected noes that a client or a backend is told. Thrown low, caught once at each door. */

/** WebSocket close codes of the Pusher protocol. 4000–4099: do not come back; 4100–4199: in a second; 4200–4299: at once. */
export const closeCodes = {
  appNotFound: 4001,
  appDisabled: 4003,
  overConnectionQuota: 4004,
  pathNotFound: 4005,
  invalidVersion: 4006,
  unsupportedProtocol: 4007,
  noProtocol: 4008,
  unauthorized: 4009,
  reconnect: 4200,
  pongNotReceived: 4201,
} as const;

/** Codes of errors after which the connection stays open. */
export const eventCodes = {
  clientEventRate: 4301,
  watchlistTooLong: 4302,
} as const;

/** The connection ends: a `pusher:error` with this code goes out, then the close frame. */
export class CloseConnection extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** One message was refused; the socket lives. The code is null where the protocol has no number for it. */
export class EventRefused extends Error {
  readonly code: number | null;

  constructor(code: number | null, message: string) {
    super(message);
    this.code = code;
  }
}

/** A subscription was refused: the channel is told why, and the connection gets a null-code error. */
export class SubscriptionRefused extends Error {
  readonly channel: string;
  readonly type: "AuthError" | "LimitReached" | "InvalidChannel";
  readonly status: number;

  constructor(channel: string, type: SubscriptionRefused["type"], message: string, status: number) {
    super(message);
    this.channel = channel;
    this.type = type;
    this.status = status;
  }
}

/** An HTTP request was refused. The message is the whole body; the doors decide its dress. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
