/** Transactions over stores in memory, for tests: serialized, without a rollback. */
import type { InOneTransaction, StoresOfChange } from "../../../src/core/ports/transactions.ts";

export function memoryTransactions(stores: StoresOfChange): InOneTransaction {
  return (change) => change(stores);
}
