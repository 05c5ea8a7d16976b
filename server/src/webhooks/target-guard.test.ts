import { describe, expect, test } from "bun:test";
import { type Address, TargetGuard, TargetRefused, TargetUnknown } from "./target-guard.ts";

const refusedHosts = [
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.1",
  "169.254.169.254",
  "172.31.255.255",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "2130706433",
  "0x7f.1",
  "017700000001",
  "[::]",
  "[::1]",
  "[::ffff:10.0.0.1]",
  "[::ffff:8.8.8.8]",
  "[::7f00:1]",
  "[64:ff9b::a00:1]",
  "[2002:a00:1::]",
  "[2001::1]",
  "[fc00::1]",
  "[fd12::1]",
  "[fe80::1]",
  "[ff02::1]",
  "[fec0::1]",
];

describe("by default", () => {
  const guard = new TargetGuard({ allow: [], isHttpAllowed: false }, resolvingTo("93.184.216.34"));

  test.each(refusedHosts)("%s is refused", async (host) => {
    await expect(guard.check(`https://${host}/`)).rejects.toThrow(TargetRefused);
  });

  test.each(["93.184.216.34", "[2606:4700::1111]", "example.com"])("%s is allowed", async (host) => {
    expect((await guard.check(`https://${host}/`)).url.hostname).toBe(host);
  });

  test.each([
    ["ftp://example.com/", "must start with https://"],
    ["file:///etc/passwd", "must start with https://"],
    ["http://example.com/", "is plain http: use https"],
    ["https://user:password@example.com/", "must not contain a user or password"],
    ["example.com", "is not valid"],
  ])("%s is refused", async (url, why) => {
    await expect(guard.check(url)).rejects.toThrow(why);
  });
});

test("services of this computer are reached over http while they are allowed, and nothing else is", async () => {
  let isAllowed = true;
  const isLocalhostAllowed = async () => isAllowed;
  const rules = { allow: [], isHttpAllowed: false, isLocalhostAllowed };
  const guard = new TargetGuard(rules, resolvingTo("127.0.0.1", "10.0.0.7"));
  for (const host of ["127.0.0.1", "[::1]", "127.1", "localhost"])
    expect((await guard.check(`http://${host}:8000/hook`)).address.address).toMatch(/^(127\.0\.0\.1|::1)$/);
  for (const host of refusedHosts.filter((one) => !isLoopbackHost(one)))
    await expect(guard.check(`https://${host}/`)).rejects.toThrow(TargetRefused);
  await expect(guard.check("http://93.184.216.34/")).rejects.toThrow("plain http");
  isAllowed = false;
  await expect(guard.check("http://localhost:8000/hook")).rejects.toThrow(TargetRefused);
});

/** Also in the notations that a URL converts. */
function isLoopbackHost(host: string): boolean {
  return ["127.0.0.1", "[::1]"].includes(new URL(`http://${host}`).hostname);
}

test("a name with a private address is rejected, and only the detail contains the address", async () => {
  const guard = new TargetGuard({ allow: [], isHttpAllowed: true }, resolvingTo("10.0.0.7", "fd00::7"));
  await expect(guard.check("https://inside.example.com/")).rejects.toMatchObject({
    message: "inside.example.com is not at a public address: the server's operator can allow its network",
    detail:
      "inside.example.com is at 10.0.0.7,fd00::7, which is not a public address: start the server with SOKETIFY_WEBHOOK_ALLOW=10.0.0.7,fd00::7 to allow it",
  });
  await expect(guard.check("https://10.0.0.7/")).rejects.toThrow("10.0.0.7 is not a public address");
});

test("of several addresses a public one is used", async () => {
  const guard = new TargetGuard({ allow: [], isHttpAllowed: true }, resolvingTo("10.0.0.7", "93.184.216.34"));
  expect((await guard.check("https://example.com/")).address.address).toBe("93.184.216.34");
});

test("an operator allows a network, and plain http to it", async () => {
  const guard = new TargetGuard(
    { allow: ["10.0.0.0/8", "::1"], isHttpAllowed: false },
    resolvingTo("10.0.0.7"),
  );
  expect((await guard.check("http://inside/")).address.address).toBe("10.0.0.7");
  expect((await guard.check("http://[::1]/")).address.address).toBe("::1");
  await expect(guard.check("http://127.0.0.1/")).rejects.toThrow(TargetRefused);
  await expect(guard.check("http://93.184.216.34/")).rejects.toThrow("is plain http");
});

test("a name that does not exist has another error than a rejected one", async () => {
  const guard = new TargetGuard({ allow: [], isHttpAllowed: true }, () =>
    Promise.reject(new Error("ENOTFOUND")),
  );
  await expect(guard.check("https://nowhere.example.com/")).rejects.toThrow(TargetUnknown);
});

test("an invalid range is rejected", () => {
  expect(() => new TargetGuard({ allow: ["inside"], isHttpAllowed: true })).toThrow(
    '"inside" is not an address',
  );
});

function resolvingTo(...addresses: string[]) {
  const all: Address[] = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return () => Promise.resolve(all);
}
