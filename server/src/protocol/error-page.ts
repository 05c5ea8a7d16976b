/** Where the documentation explains an error: the path of the page in the repository, and its part. */
const page = "docs/reference/errors.md";

/** The header of an error response that names its part of the page. */
export const helpHeader = "Soketify-Help";

export const errorPage = {
  /** A close code, or the code of a `pusher:error`. */
  code: (code: number) => `${page}#code-${code}`,
  /** An error of a message or a subscription, which has no code. */
  message: `${page}#errors-of-a-message`,
  /** The status of a refused WebSocket handshake. */
  handshake: (status: number) => `${page}#handshake-${status}`,
  /** A status of the HTTP API. */
  http: (status: number) => `${page}#http-${status}`,
  /** An error code of the admin API. */
  admin: (code: string) => `${page}#${code}`,
} as const;
