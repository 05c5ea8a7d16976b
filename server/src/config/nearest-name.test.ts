import { expect, test } from "bun:test";
import { nearestName } from "./nearest-name.ts";

const known = ["SOKETIFY_APP_KEY", "SOKETIFY_TLS_KEY_FILE", "SOKETIFY_TLS_CERT_FILE", "SOKETIFY_PORT"];

test.each([
  ["SOKETIFY_PROT", "SOKETIFY_PORT"],
  ["SOKETIFY_TLS_KEY", "SOKETIFY_TLS_KEY_FILE"],
  ["soketify_tls_cert", "SOKETIFY_TLS_CERT_FILE"],
  ["SOKETIFY", null],
  ["DATABASE", null],
])("%s is closest to %s", (given, nearest) => {
  expect(nearestName(given, known)).toBe(nearest);
});
