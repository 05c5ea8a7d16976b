/** Problems with the certificate files. OpenSSL's own errors name neither the option nor the file. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Config, envNameOf, flagOf } from "../config/config.ts";

type Key = "tlsCertFile" | "tlsKeyFile";

/** Empty if no certificate is configured, as when a proxy terminates TLS. */
export function certificateProblems({ tlsCertFile, tlsKeyFile }: Pick<Config, Key>): string[] {
  if (tlsCertFile === null || tlsKeyFile === null) return [];
  const problems: string[] = [];
  const certificate = read(
    "tlsCertFile",
    tlsCertFile,
    "the certificate and its chain as PEM",
    (text) => new X509Certificate(text),
  );
  const key = read("tlsKeyFile", tlsKeyFile, "a private key as PEM, without a passphrase", createPrivateKey);
  if (certificate === null || key === null) return problems;
  if (!certificate.checkPrivateKey(key))
    problems.push(
      `${nameOf("tlsKeyFile")} must contain the private key of the certificate in ${tlsCertFile}. ${tlsKeyFile} contains another key.`,
    );
  return problems;

  function read<Value>(
    option: Key,
    path: string,
    expected: string,
    parse: (text: string) => Value,
  ): Value | null {
    let happened = "cannot be read";
    try {
      const text = readFileSync(path, "utf8");
      happened = "has other content";
      return parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problems.push(
        `${nameOf(option)} must name a file that contains ${expected}. ${path} ${happened}: ${why}`,
      );
      return null;
    }
  }
}

function nameOf(option: Key): string {
  return `${flagOf(option)} (${envNameOf(option)})`;
}
