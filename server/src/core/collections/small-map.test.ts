import { expect, test } from "bun:test";
import fc from "fast-check";
import { SmallMap } from "./small-map.ts";

const key = fc.constantFrom("", "a", "b", "c");
const step = fc.oneof(
  fc.record({ do: fc.constant("set"), key, value: fc.constantFrom(null, 0, 1) }),
  fc.record({ do: fc.constant("delete"), key, value: fc.constant(null) }),
);

test("it behaves like a Map for any sequence of calls", () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const small = new SmallMap<number | null>();
      const model = new Map<string, number | null>();
      for (const one of steps) {
        if (one.do === "delete") expect(small.delete(one.key)).toBe(model.delete(one.key));
        else {
          small.set(one.key, one.value);
          model.set(one.key, one.value);
        }
        expect(small.size()).toBe(model.size);
        expect([...small.keys()]).toEqual([...model.keys()]);
        expect([...small.values()]).toEqual([...model.values()]);
        for (const name of ["", "a", "b", "c"]) {
          expect(small.has(name)).toBe(model.has(name));
          expect(small.get(name)).toBe(model.get(name) as number | null);
        }
      }
    }),
  );
});
