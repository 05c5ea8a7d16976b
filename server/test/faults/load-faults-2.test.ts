/** The fault programs of the bench, part 2 of 5. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(1, 5);
