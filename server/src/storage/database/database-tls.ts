/**
 * TLS options of a database URL: `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as in PostgreSQL's programs, or
 * `ssl-mode`, `ssl-ca`, `ssl-cert` and `ssl-key` as in MySQL's.
 *
 * Both kinds mean the same: with TLS, the server's certificate is checked, chain and name. Only `no-verify` disables the
 * check. This is stricter than PostgreSQL's own programs, which do not check at all under `require`.
 */
import { readFileSync } from "node:fs";

export interface DatabaseTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the certificate must lead to a trusted authority: the given one, or else those of the system. */
  readonly isVerified: boolean;
  /** Whether the certificate must also name the host of the URL. */
  readonly isNameVerified: boolean;
}

const modes = {
  disable: "disable",
  disabled: "disable",
  // There is no fallback to an unencrypted connection, because an attacker in between could force it.
  prefer: "verify-full",
  preferred: "verify-full",
  require: "verify-full",
  required: "verify-full",
  "verify-full": "verify-full",
  verify_identity: "verify-full",
  "verify-ca": "verify-ca",
  verify_ca: "verify-ca",
  "no-verify": "no-verify",
} as const;

/**
 * Removes the options from the URL, because the drivers interpret them differently. Returns null for no TLS.
 * @throws if the mode is unknown or a file cannot be read
 */
export function takeTls(url: URL): DatabaseTls | null {
  const given = take(url, "sslmode", "ssl-mode");
  const caFile = take(url, "sslrootcert", "ssl-ca");
  const certFile = take(url, "sslcert", "ssl-cert");
  const keyFile = take(url, "sslkey", "ssl-key");
  const isLax = take(url, "uselibpqcompat") === "true";
  const isOn = /^(true|1)$/.test(url.searchParams.get("ssl") ?? "");
  if (isOn || /^(false|0)$/.test(url.searchParams.get("ssl") ?? "")) url.searchParams.delete("ssl");
  if (given === null && caFile === null && certFile === null && keyFile === null && !isOn) return null;

  const mode = modeOf(given ?? "require");
  if (mode === "disable") return null;
  const isUnchecked = mode === "no-verify" || (isLax && /^(prefer|require)$/i.test(given ?? ""));
  // PostgreSQL's programs use `system` for the authorities that the system trusts.
  const ca = caFile === null || caFile === "system" ? null : readPem("sslrootcert", caFile);
  return {
    ...(ca !== null && { ca }),
    ...(certFile !== null && { cert: readPem("sslcert", certFile) }),
    ...(keyFile !== null && { key: readPem("sslkey", keyFile) }),
    isVerified: !isUnchecked,
    // Without the name check, a certificate of any public authority would pass, and anyone can get one.
    isNameVerified: !isUnchecked && !(mode === "verify-ca" && ca !== null),
  };
}

function take(url: URL, ...names: string[]): string | null {
  let value: string | null = null;
  for (const name of names) {
    value ??= url.searchParams.get(name);
    url.searchParams.delete(name);
  }
  return value;
}

function modeOf(given: string): (typeof modes)[keyof typeof modes] {
  const name = given.toLowerCase();
  if (isMode(name)) return modes[name];
  throw new Error(
    `The database URL has sslmode=${given}: it must be disable, require, verify-ca, verify-full or no-verify`,
  );
}

function isMode(name: string): name is keyof typeof modes {
  return Object.hasOwn(modes, name);
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The file that the database URL names as ${option} cannot be read: ${why}`);
  }
}
