/** What webhooks need of a log; pino's own shape. */
export interface WebhookLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: WebhookLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
