/** The fault programs of the bench, part 5 of 5. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(4, 5);
