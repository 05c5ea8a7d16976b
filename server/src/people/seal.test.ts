import { expect, test } from "bun:test";
import { Seal } from "./seal.ts";

const secret = "5e".repeat(32);
const sealedByOlder =
  "d055385b1b4d1fd1634cd5f561e8ff6253806094968d88e3ee7424e45f0187ff1677338ccd34a78a6d8818af63a1f25900365331203215b2c78ac33fc2432be5dd13d604";

test("a sealed text opens only with the same secret", () => {
  const sealed = new Seal(secret).close("JBSWY3DPEHPK3PXP");
  expect(sealed).not.toContain("JBSWY3DPEHPK3PXP");
  expect(new Seal(secret).open(sealed)).toBe("JBSWY3DPEHPK3PXP");
  expect(() => new Seal("00".repeat(32)).open(sealed)).toThrow();
});

test("a sealed text that was altered does not open", () => {
  const sealed = new Seal(secret).close("JBSWY3DPEHPK3PXP");
  const last = sealed.endsWith("0") ? "1" : "0";
  expect(() => new Seal(secret).open(`${sealed.slice(0, -1)}${last}`)).toThrow();
});

test("the same text is sealed differently each time", () => {
  const seal = new Seal(secret);
  expect(seal.close("one")).not.toBe(seal.close("one"));
});

test("texts that older releases sealed can be opened", () => {
  expect(new Seal(secret).open(sealedByOlder)).toBe("a secret of an older release");
});
