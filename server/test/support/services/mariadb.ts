/** A separate MariaDB for a test, in a temporary folder on a free port. */
import { join } from "node:path";
import { freePort } from "../net/free-port.ts";
import type { CertificateFiles } from "../net/make-certificate.ts";
import { createData, makeDataFolder } from "./data-folder.ts";
import { DatabaseProcess } from "./database-process.ts";
import { run } from "./run.ts";

/** @param tls accepts TLS with these files, in addition to plain connections */
export async function startMariadb(tls?: CertificateFiles): Promise<DatabaseProcess> {
  const folder = await makeDataFolder("mariadb");
  const owner = process.getuid?.() === 0 ? ["--user=root"] : [];
  // At its start a MariaDB deletes the temporary tables of other servers in the same folder.
  const place = join(folder, "data");
  const data = [`--datadir=${place}`, `--tmpdir=${folder}`, "--innodb-log-file-size=8M"];
  const options = ["--auth-root-authentication-method=normal", "--skip-test-db"];
  await createData("mariadb", place, () =>
    run("mariadb-install-db", "--no-defaults", ...data, ...owner, ...options),
  );
  const port = await freePort();
  const socket = `--socket=${join(folder, "socket")}`;
  const quick = [
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    // The modes that change the meaning of statements the most: the suites prove that the server's mode does not
    // matter.
    "--sql-mode=ORACLE,NO_BACKSLASH_ESCAPES",
  ];
  const server = new DatabaseProcess(
    `mariadb://root@127.0.0.1:${port}/soketify`,
    folder,
    [
      "/usr/sbin/mariadbd",
      "--no-defaults",
      ...data,
      socket,
      ...owner,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      ...quick,
      ...(tls === undefined ? [] : [`--ssl-cert=${tls.certificate}`, `--ssl-key=${tls.key}`]),
    ],
    () => run("mariadb", "--no-defaults", socket, "-uroot", "-e", "create database if not exists soketify"),
  );
  await server.start();
  return server;
}
