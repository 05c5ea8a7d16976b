/** All actions that the audit log records. */

export const auditActions = [
  ...["app.create", "app.update", "app.delete", "app.import", "app.export"],
  ...["secret.rotate", "secret.rotate-at-once", "secret.activate", "secret.cancel", "secret.replace"],
  ...["secret.reveal", "webhook.create", "webhook.update", "webhook.delete", "webhook.replay"],
  ...["webhook.localhost"],
  ...["token.create", "token.revoke", "connection.close"],
  ...["person.invite", "person.withdraw-invitation", "person.join", "person.change", "person.remove"],
  ...["account.rename", "account.change-password", "account.add-second-factor"],
  ...["account.remove-second-factor", "account.reset-password", "account.reset-second-factor"],
  ...["session.begin", "session.end", "session.revoke", "session.refuse"],
  ...["keys.rewrap", "keys.rotate", "audit.remove", "audit.alarm"],
] as const;

export type AuditAction = (typeof auditActions)[number];
