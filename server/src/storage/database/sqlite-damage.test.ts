import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSoketify } from "../../../test/support/run-soketify.ts";
import { systemClock } from "../../composition/system-clock.ts";
import { openStorage } from "../open-storage.ts";

let dataDir: string;
let file: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "soketify-damage-"));
  file = join(dataDir, "soketify.db");
  const { db } = await openStorage({ url: null, dataDir }, null, systemClock);
  for (let sequence = 1; sequence <= 300; sequence += 1)
    await db
      .insertInto("auditRows")
      .values({
        sequence,
        atMs: 0,
        actor: "test",
        action: "test",
        target: "x".repeat(200),
        hash: "",
        appId: null,
        address: null,
        before: null,
        after: null,
      })
      .execute();
  await db.destroy();
});

afterEach(() => rmSync(dataDir, { recursive: true }));

const pageBytes = 4_096;

const damages: [string, (whole: Buffer) => Buffer][] = [
  ["is another kind of file", () => Buffer.from("This is no database. ".repeat(1_000))],
  ["lost its beginning", (whole) => Buffer.concat([Buffer.alloc(100), whole.subarray(100)])],
  ["lost its end", (whole) => whole.subarray(0, whole.length / 2)],
  [
    "was overwritten in the middle, which a start does not read",
    (whole) =>
      Buffer.concat([whole.subarray(0, whole.length - 4 * pageBytes), Buffer.alloc(4 * pageBytes, 0x55)]),
  ],
];

test.each(damages)("the start refuses a file that %s, and says what to do", async (_, damage) => {
  writeFileSync(file, damage(readFileSync(file)));
  const start = openStorage({ url: null, dataDir }, null, systemClock);
  const error: Error = await start.then(
    () => new Error("It started"),
    (why) => why,
  );
  expect(error.message).toContain(`the file ${file} is damaged (`);
  expect(error.message).toContain("restore a backup");
  expect(error.message).toContain(`sqlite3 ${file} .recover | sqlite3 recovered.db`);
});

test("doctor reports a damaged file, and accepts an undamaged one", () => {
  const checkOf = () => {
    const { output } = runSoketify(dataDir, "doctor", "--json");
    const findings: { check: string; isWell: boolean; detail: string }[] = JSON.parse(output);
    return findings.find(({ check }) => check === "database");
  };
  expect(checkOf()).toMatchObject({
    isWell: true,
    detail: expect.stringContaining("reachable and up to date"),
  });
  for (const [, damage] of damages.slice(-1)) writeFileSync(file, damage(readFileSync(file)));
  expect(checkOf()).toMatchObject({
    isWell: false,
    detail: expect.stringContaining(`the file ${file} is damaged (`),
  });
});
