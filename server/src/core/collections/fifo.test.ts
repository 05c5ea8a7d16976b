import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Fifo } from "./fifo.ts";

test("it behaves like an array from which the first item is shifted", () => {
  const steps = fc.array(fc.oneof(fc.constant("shift" as const), fc.nat()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.nat({ max: 20 }), (all, countMax) => {
      const fifo = new Fifo<{ readonly number: number }>();
      const model: { readonly number: number }[] = [];
      for (const step of all) {
        if (step === "shift") expect(fifo.shift()).toBe(model.shift());
        else {
          const item = { number: step };
          fifo.push(item);
          model.push(item);
        }
        expect([fifo.length, fifo.oldest?.number]).toEqual([model.length, model[0]?.number]);
      }
      expect(fifo.newest()).toEqual(model);
      expect(fifo.newest(countMax)).toEqual(model.slice(Math.max(0, model.length - countMax)));
    }),
  );
});
