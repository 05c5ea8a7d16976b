/** The part of pino's logger that webhooks use. */
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
