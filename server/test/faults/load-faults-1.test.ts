/** The fault programs of the bench, part 1 of 5. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(0, 5);
