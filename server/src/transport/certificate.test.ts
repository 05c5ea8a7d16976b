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

test("what the files hold is read, and has not changed until they do", () => {
  expect(certificate.read()).toEqual({ cert: "cert", key: "key" });
  expect(certificate.hasChanged()).toBe(false);
});

test("a renewed certificate is noticed once", () => {
  certificate.read();
  writeFileSync(join(folder, "new.pem"), "renewed");
  renameSync(join(folder, "new.pem"), certFile);
  expect([certificate.hasChanged(), certificate.hasChanged()]).toEqual([true, false]);
  expect(certificate.read().cert).toBe("renewed");
});

test("a file that is away for a moment has not changed, and reading it fails", () => {
  certificate.read();
  rmSync(certFile);
  expect(certificate.hasChanged()).toBe(false);
  expect(() => certificate.read()).toThrow("ENOENT");
});
