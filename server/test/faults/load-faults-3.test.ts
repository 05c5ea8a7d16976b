/** The fault programs of the bench, part 3 of 3. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(2, 3);
