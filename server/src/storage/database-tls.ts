/**
 * How a database URL asks for TLS: `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as PostgreSQL's programs spell
 * them, or `ssl-mode`, `ssl-ca`, `ssl-cert` and `ssl-key` as MySQL's do.
 *
 * It means the same for both: whoever asks for TLS gets a server whose certificate is checked, chain and name. Only
 * `no-verify` leaves the check out. PostgreSQL's own programs do not check at all under `require`.
 */
import { readFileSync } from "node:fs";

export interface DatabaseTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The certificate must lead to a known authority: the given one, else those of the system. */
  readonly isVerified: boolean;
  /** It must also name the host of the URL. */
  readonly isNameVerified: boolean;
}

const modes = {
  disable: "disable",
  disabled: "disable",
  // There is no way back to an unencrypted connection: whoever stands between could choose it.
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
 * Takes the options out of the URL, which the drivers read in their own ways. Null: no TLS.
 * @throws where the mode is unknown or a file cannot be read
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
  // `system` is how PostgreSQL's programs name the authorities that are known anyhow.
  const ca = caFile === null || caFile === "system" ? null : readPem("sslrootcert", caFile);
  return {
    ...(ca !== null && { ca }),
    ...(certFile !== null && { cert: readPem("sslcert", certFile) }),
    ...(keyFile !== null && { key: readPem("sslkey", keyFile) }),
    isVerified: !isUnchecked,
    // Any public authority's certificate would do otherwise, and anybody can have one.
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
    `The database URL says sslmode=${given}: it may be disable, require, verify-ca, verify-full or no-verify`,
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
