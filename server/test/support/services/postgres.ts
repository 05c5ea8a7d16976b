/** A separate PostgreSQL for a test, in a temporary folder on a free port. */
import { readdirSync } from "node:fs";
import { chmod, chown, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../net/free-port.ts";
import type { CertificateFiles } from "../net/make-certificate.ts";
import { createData, makeDataFolder } from "./data-folder.ts";
import { DatabaseProcess } from "./database-process.ts";
import { run } from "./run.ts";

const packaged = "/usr/lib/postgresql";

/** @param tls accepts TLS with these files, in addition to plain connections */
export async function startPostgres(tls?: CertificateFiles): Promise<DatabaseProcess> {
  const [version] = readdirSync(packaged).sort((one, other) => Number(other) - Number(one));
  const program = (name: string) => join(packaged, String(version), "bin", name);
  const folder = await makeDataFolder("postgres");
  const asOwner = await unprivileged(folder);
  const data = join(folder, "data");
  const options = ["-U", "soketify", "--auth=trust", "--no-sync", "-E", "UTF8"];
  await createData("postgres", data, () => run(...asOwner, program("initdb"), "-D", data, ...options));
  const port = await freePort();
  const flags = ["-D", data, "-p", String(port), "-k", folder, "-h", "127.0.0.1", "-F"];
  if (tls !== undefined) {
    const key = join(folder, "key.pem");
    await copyFile(tls.key, key);
    // It accepts only a key that belongs to its own user.
    await run("chown", "--reference", folder, key);
    await chmod(key, 0o600);
    flags.push("-c", "ssl=on", "-c", `ssl_cert_file=${tls.certificate}`, "-c", `ssl_key_file=${key}`);
  }
  const url = `postgres://soketify@127.0.0.1:${port}/postgres`;
  const server = new DatabaseProcess(url, folder, [...asOwner, program("postgres"), ...flags], () =>
    run(program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(port)),
  );
  await server.start();
  return server;
}

/** PostgreSQL refuses to run as root, so its folder and process belong to another user. */
async function unprivileged(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", flag, "postgres")));
  await chown(folder, Number(uid), Number(gid));
  return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
}
