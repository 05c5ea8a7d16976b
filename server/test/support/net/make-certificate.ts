/** A self-signed certificate for `localhost`. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Writes the files into the folder; a second call replaces them. */
export function makeCertificate(folder: string, commonName: string): CertificateFiles {
  const files = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  const subject = ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", files.key, "-out", files.certificate], {
    stdio: "pipe",
  });
  return files;
}
