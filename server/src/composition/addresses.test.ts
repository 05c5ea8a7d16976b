import { describe, expect, test } from "bun:test";
import { loadConfig } from "../config/load-config.ts";
import { Addresses } from "./addresses.ts";

function addresses(flags: Readonly<Record<string, unknown>>): Addresses {
  const machine = { env: {}, descriptorsMax: 20_000, memoryBytes: 2 ** 30 };
  return new Addresses(loadConfig({ flags, machine, folder: "/nowhere" }).config);
}

describe.each([
  [{}, "http://localhost:6001/dashboard"],
  [{ dashboardPort: "6002" }, "http://localhost:6002/dashboard"],
  [{ host: "::" }, "http://localhost:6001/dashboard"],
  [{ host: "0:0:0:0:0:0:0:0" }, "http://localhost:6001/dashboard"],
  [{ host: "::1" }, "http://[::1]:6001/dashboard"],
  [{ host: "::1", dashboardPort: "6002" }, "http://[::1]:6002/dashboard"],
  [{ publicUrl: "http://[fd00::1]:8080" }, "http://[fd00::1]:8080/dashboard"],
  [{ publicUrl: "https://ws.example.com/" }, "https://ws.example.com/dashboard"],
  [{ publicUrl: "https://ws.example.com", dashboardPort: "6002" }, "http://localhost:6002/dashboard"],
  [
    {
      publicUrl: "https://ws.example.com",
      dashboardPort: "6002",
      dashboardUrl: "https://admin.example.com",
      pathPrefix: "/realtime",
    },
    "https://admin.example.com/realtime/dashboard",
  ],
  [
    { tlsCertFile: "cert.pem", tlsKeyFile: "key.pem", dashboardPort: "6002" },
    "https://localhost:6002/dashboard",
  ],
])("with %j", (flags, dashboardUrl) => {
  const urls = addresses(flags);

  test("the setup link has the dashboard's address", () => {
    expect(urls.dashboard).toBe(dashboardUrl);
    expect(urls.setup("token")).toBe(`${dashboardUrl}/setup#token`);
  });

  test("cookies are secure if the dashboard is reached over TLS", () => {
    expect(urls.isDashboardSecure).toBe(dashboardUrl.startsWith("https:"));
  });
});

test("commands on this machine use the admin API's port, regardless of proxies", () => {
  const urls = addresses({ publicUrl: "https://ws.example.com", pathPrefix: "/rt", dashboardPort: "0" });
  urls.dashboardPort = 7_002;
  expect(urls.local).toEqual({
    url: "http://localhost:7002/rt",
    clientUrl: "http://localhost:6001/rt",
  });
});

test("an IPv6 address has brackets in every URL", () => {
  const urls = addresses({ host: "[::1]", pathPrefix: "/rt" });
  expect(urls.client).toBe("http://[::1]:6001");
  expect(urls.local).toEqual({ url: "http://[::1]:6001/rt", clientUrl: "http://[::1]:6001/rt" });
});

test.each([
  ["its own host", {}, "http://box:6001/dashboard/", null],
  ["the main port", { dashboardPort: "6002" }, "http://box:6002/dashboard/", "ws://box:6001"],
  ["the main port over TLS", { dashboardPort: "6002" }, "https://box:6002/dashboard/", "wss://box:6001"],
  ["IPv6", { dashboardPort: "6002" }, "http://[::1]:6002/dashboard/", "ws://[::1]:6001"],
  ["the public URL", { publicUrl: "https://ws.test" }, "http://box:6001/dashboard/", "wss://ws.test"],
  ["the public URL it is on", { publicUrl: "https://ws.test" }, "https://ws.test/dashboard/", null],
  ["no host that could end the directive", { dashboardPort: "6002" }, "http://box;x:6002/dashboard/", null],
])("the page may open sockets to %s and nowhere else", (_, flags, pageUrl, source) => {
  expect(addresses(flags).socketSource(pageUrl)).toBe(source);
});
