import { expect, test } from "bun:test";
import fc from "fast-check";
import { KeyedTable } from "./keyed-table.ts";

interface Item {
  readonly key: string;
  readonly number: number;
}

const step = fc.record({ deletes: fc.boolean(), key: fc.nat({ max: 60 }).map(String) });

test("it finds what a Map finds, for any sequence of calls", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const table = new KeyedTable<Item>(({ key }) => key);
      const model = new Map<string, Item>();
      for (const [number, { deletes, key }] of steps.entries()) {
        if (deletes) expect(table.delete(key)).toBe(model.delete(key));
        else if (!model.has(key)) {
          const item = { key, number };
          table.add(item);
          model.set(key, item);
        }
        expect(table.size).toBe(model.size);
        expect(table.get(key)).toBe(model.get(key) as Item);
      }
      for (let key = 0; key <= 60; key++) expect(table.get(`${key}`)).toBe(model.get(`${key}`) as Item);
      expect(new Set(table)).toEqual(new Set(model.values()));
    }),
  );
});

test("many items are found while it grows and shrinks", () => {
  const table = new KeyedTable<string>((item) => item);
  const names = Array.from({ length: 3_000 }, (_, index) => `channel-${index}`);
  for (const name of names) table.add(name);
  expect(names.filter((name) => table.get(name) !== name)).toEqual([]);
  const kept = names.slice(0, 10);
  const removed = names.slice(10);
  expect(removed.filter((name) => !table.delete(name))).toEqual([]);
  expect([...table]).toEqual(kept);
  expect(names.filter((name) => table.get(name) !== undefined)).toEqual(kept);
});

test("items stay in the order in which they were added, as long as none is removed", () => {
  const table = new KeyedTable<string>((item) => item);
  const names = Array.from({ length: 100 }, (_, index) => `${index}`);
  for (const name of names) table.add(name);
  expect([...table]).toEqual(names);
});
