import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Certificate } from "./certificate.ts";

let folder: string;
let certFile: string;
let certificate: Certificate;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "certificate-"));
  certFile = join(folder, "cert.pem");
  writeFileSync(certFile, "cert");
  writeFileSync(join(folder, "key.pem"), "key");
  certificate = new Certificate(certFile, join(folder, "key.pem"));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("the files are read and count as unchanged until they are written", () => {
  expect(certificate.read()).toEqual({ cert: "cert", key: "key" });
  expect(certificate.hasChanged()).toBe(false);
});

test("a renewed certificate is reported once", () => {
  certificate.read();
  writeFileSync(join(folder, "new.pem"), "renewed");
  renameSync(join(folder, "new.pem"), certFile);
  expect([certificate.hasChanged(), certificate.hasChanged()]).toEqual([true, false]);
  expect(certificate.read().cert).toBe("renewed");
});

test("a missing file counts as unchanged, and reading it fails", () => {
  certificate.read();
  rmSync(certFile);
  expect(certificate.hasChanged()).toBe(false);
  expect(() => certificate.read()).toThrow("ENOENT");
});
