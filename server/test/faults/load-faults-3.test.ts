/** The fault programs of the bench, part 3 of 5. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(2, 5);
