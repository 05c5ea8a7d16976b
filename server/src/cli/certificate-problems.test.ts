import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../test/support/net/make-certificate.ts";
import { certificateProblems } from "./certificate-problems.ts";

const folder = mkdtempSync(join(tmpdir(), "certificate-"));
const { certificate, key } = makeCertificate(folder, "localhost");
const otherFolder = join(folder, "other");
mkdirSync(otherFolder);
const other = makeCertificate(otherFolder, "localhost");
const broken = join(folder, "broken.pem");
writeFileSync(broken, "no certificate\n");
const missing = join(folder, "missing.pem");

afterAll(() => rmSync(folder, { recursive: true }));

test("a certificate with its key is valid, and so is no certificate", () => {
  expect(certificateProblems({ tlsCertFile: certificate, tlsKeyFile: key })).toEqual([]);
  expect(certificateProblems({ tlsCertFile: null, tlsKeyFile: null })).toEqual([]);
});

test("an error for a missing or wrong file names the file, the option and the expected content", () => {
  const certificateStart =
    "--tls-cert-file (SOKETIFY_TLS_CERT_FILE) must name a file that contains the certificate and its chain as PEM.";
  const keyStart =
    "--tls-key-file (SOKETIFY_TLS_KEY_FILE) must name a file that contains a private key as PEM, without a passphrase.";
  expect(certificateProblems({ tlsCertFile: missing, tlsKeyFile: broken })).toEqual([
    expect.stringContaining(`${certificateStart} ${missing} cannot be read: ENOENT`),
    expect.stringContaining(`${keyStart} ${broken} has other content: `),
  ]);
  expect(certificateProblems({ tlsCertFile: broken, tlsKeyFile: key })).toEqual([
    expect.stringContaining(`${certificateStart} ${broken} has other content: `),
  ]);
});

test("a key that belongs to another certificate is reported", () => {
  expect(certificateProblems({ tlsCertFile: certificate, tlsKeyFile: other.key })).toEqual([
    `--tls-key-file (SOKETIFY_TLS_KEY_FILE) must contain the private key of the certificate in ${certificate}. ${other.key} contains another key.`,
  ]);
});
