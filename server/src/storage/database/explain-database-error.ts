/** Explains to the operator why a database cannot be used, and what to do. */
import { isConflict, isDamage } from "./database-error.ts";
import type { DatabaseAddress } from "./open-database.ts";
import { sqliteFile } from "./sqlite.ts";
import { explainDamage } from "./sqlite-damage.ts";

const untrusted =
  /self.signed certificate|unable to (get|verify)|certificate has expired|certificate is not yet valid/i;
const otherHost = /altnames|^ERR_TLS_CERT_ALTNAME_INVALID/i;
const withoutTls = /does not support (ssl|secure) connection/i;

/** Returns a part of a sentence, to follow the database's name and a colon. */
export function explainDatabaseError(error: unknown, { url, dataDir }: DatabaseAddress): string {
  const message = error instanceof Error ? error.message : String(error);
  if (url === null)
    return isDamage(error) ? explainDamage(sqliteFile(dataDir), message) : (explainLock(error) ?? message);
  if (otherHost.test(message))
    return `its certificate is for another host than ${new URL(url).hostname}. Use a name in the certificate, or sslmode=verify-ca together with sslrootcert in the database URL, which does not compare the names`;
  if (untrusted.test(message))
    return `its certificate is not trusted (${message}). Give the certificate of its authority with sslrootcert=/path/to/ca.pem in the database URL, or write sslmode=no-verify there to encrypt without a check of the certificate`;
  if (withoutTls.test(message))
    return "it does not support TLS, which the database URL requires. Enable TLS in the database, or write sslmode=disable in the URL";
  return explainLock(error) ?? message;
}

function explainLock(error: unknown): string | null {
  return isConflict(error)
    ? "another process holds its lock: wait until that process releases it, or stop it"
    : null;
}
