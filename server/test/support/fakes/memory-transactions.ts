/** Transactions over stores in memory, for tests: one after another. What fails is not undone. */
import type { InOneTransaction, StoresOfChange } from "../../../src/core/ports/transactions.ts";

export function memoryTransactions(stores: StoresOfChange): InOneTransaction {
  return (change) => change(stores);
}
