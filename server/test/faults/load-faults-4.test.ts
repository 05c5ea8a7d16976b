/** The fault programs of the bench, part 4 of 5. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(3, 5);
