/** The TLS options of a database URL, against servers with a self-signed certificate. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { openStorage } from "../../src/storage/open-storage.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import { type CertificateFiles, makeCertificate } from "../support/net/make-certificate.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const startTimeoutMs = 120_000;
const untrusted =
  /^Cannot use .*: its certificate is not trusted \(.+\)\. Give the certificate of its authority with sslrootcert=/;
const otherHost = /^Cannot use .*: its certificate is for another host than 127\.0\.0\.1/;

const kinds = {
  PostgreSQL: {
    start: startPostgres,
    isEncrypted: sql<{ yes: unknown }>`select ssl as yes from pg_stat_ssl where pid = pg_backend_pid()`,
    spelt: (options: string) => options,
  },
  MariaDB: {
    start: startMariadb,
    isEncrypted: sql<{ yes: unknown }>`
      select variable_value <> '' as yes from information_schema.session_status where variable_name = 'Ssl_cipher'`,
    spelt: (options: string) =>
      options
        .replace("sslrootcert", "ssl-ca")
        .replace("sslmode=verify-ca", "ssl-mode=VERIFY_CA")
        .replace("sslmode=verify-full", "ssl-mode=VERIFY_IDENTITY")
        .replace("sslmode=require", "ssl-mode=REQUIRED")
        .replace("sslmode=disable", "ssl-mode=DISABLED"),
  },
};

let folder: string;
let files: CertificateFiles;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "soketify-tls-"));
  chmodSync(folder, 0o755);
  files = makeCertificate(folder, "a database");
});

afterAll(() => rmSync(folder, { recursive: true }));

for (const [name, { start, isEncrypted, spelt }] of Object.entries(kinds))
  describe(name, () => {
    let server: DatabaseProcess;
    let plain: DatabaseProcess;

    beforeAll(async () => {
      [server, plain] = await Promise.all([start(files), start()]);
    }, startTimeoutMs);

    afterAll(async () => {
      await Promise.all([server.remove(), plain.remove()]);
    }, startTimeoutMs);

    /** Whether the connection is encrypted. @throws the error of a start */
    async function connect(options: string, { host = "localhost", to = server } = {}): Promise<boolean> {
      const url = `${to.url.replace("127.0.0.1", host)}?${options.replace("FILE", files.certificate)}`;
      const { db } = await openStorage({ url, dataDir: folder }, "00".repeat(32), new FakeClock());
      const { rows } = await isEncrypted.execute(db);
      await db.destroy();
      return Boolean(rows[0]?.yes);
    }

    for (const write of [(options: string) => options, spelt]) {
      const spelling = write("sslmode=require&sslrootcert");

      test(`without a mode, or with one that disables it, nothing is encrypted (${spelling})`, async () => {
        expect(await connect("")).toBeFalse();
        expect(await connect(write("sslmode=disable"))).toBeFalse();
      });

      test(`a server without a trusted certificate is refused, with the possible solutions (${spelling})`, async () => {
        await expect(connect(write("sslmode=require"))).rejects.toThrow(untrusted);
        await expect(connect(write("sslmode=verify-full"))).rejects.toThrow(untrusted);
        await expect(connect(write("sslmode=verify-ca"))).rejects.toThrow(untrusted);
      });

      test(`its own certificate as the authority makes it trusted (${spelling})`, async () => {
        expect(await connect(write("sslmode=require&sslrootcert=FILE"))).toBeTrue();
        expect(await connect(write("sslmode=verify-full&sslrootcert=FILE"))).toBeTrue();
        expect(await connect(write("sslrootcert=FILE"))).toBeTrue();
      });

      test(`only verify-ca accepts a certificate for another host (${spelling})`, async () => {
        const host = "127.0.0.1";
        await expect(connect(write("sslmode=require&sslrootcert=FILE"), { host })).rejects.toThrow(otherHost);
        await expect(connect(write("sslmode=verify-full&sslrootcert=FILE"), { host })).rejects.toThrow(
          otherHost,
        );
        expect(await connect(write("sslmode=verify-ca&sslrootcert=FILE"), { host })).toBeTrue();
      });
    }

    test("no-verify encrypts, and does not verify the server", async () => {
      expect(await connect("sslmode=no-verify")).toBeTrue();
      expect(await connect("sslmode=no-verify", { host: "127.0.0.1" })).toBeTrue();
    });

    test("a server without TLS is not used without encryption", async () => {
      await expect(connect("sslmode=require", { to: plain })).rejects.toThrow(/does not (speak|support)/);
    });

    test("an unknown mode and a missing file are reported", async () => {
      await expect(connect("sslmode=allow")).rejects.toThrow(
        "sslmode=allow: it must be disable, require, verify-ca, verify-full or no-verify",
      );
      await expect(connect("sslrootcert=/nowhere.pem")).rejects.toThrow(
        /names as sslrootcert cannot be read: ENOENT/,
      );
    });
  });
