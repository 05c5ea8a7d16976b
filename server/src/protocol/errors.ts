/**
 * Errors that are sent to a client or a backend. Any layer throws them; each transport or API catches them in one
 * place.
 */

/**
 * WebSocket close codes of the Pusher protocol. 4000–4099: do not reconnect; 4100–4199: reconnect after a second;
 * 4200–4299: reconnect immediately.
 */
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

/** Ends the connection: the client receives a `pusher:error` with this code, then the close frame. */
export class CloseConnection extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** Refuses one message; the connection stays open. The code is null if the protocol defines none. */
export class EventRefused extends Error {
  readonly code: number | null;

  constructor(code: number | null, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Refuses a subscription: the client receives the reason as an event of the channel and as a `pusher:error` with a
 * null code.
 */
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

/** Refuses an HTTP request. Each API formats the message as its response body. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
