import { expect, test } from "bun:test";
import { welcome } from "./welcome.ts";

const facts = {
  url: "http://localhost:6001",
  dashboardUrl: null,
  setupUrl: null,
  firstApp: { id: "7", key: "key", secret: "secret" },
};

test("the printed commands name the data folder if it is not the default", () => {
  const usual = welcome(facts, { pathPrefix: "", dataDir: "./data" });
  expect(usual).toContain(`npx soketify trigger 7 my-channel my-event '{"hello":"world"}'\n`);
  const other = welcome(facts, { pathPrefix: "", dataDir: "/var/lib/soketify" });
  expect(other).toContain(`my-event '{"hello":"world"}' --data-dir /var/lib/soketify\n`);
  const later = welcome({ ...facts, firstApp: null }, { pathPrefix: "", dataDir: "/var/lib/soketify" });
  expect(later).toContain("npx soketify app list --data-dir /var/lib/soketify\n");
});

test("an IPv6 address has brackets in URLs and none in SDK options", () => {
  const text = welcome({ ...facts, url: "http://[::1]:6001" }, { pathPrefix: "", dataDir: "./data" });
  expect(text).toContain(`wsHost: "[::1]", wsPort: 6001`);
  expect(text).toContain("'http://[::1]:6001/apps/7/events?");
});
