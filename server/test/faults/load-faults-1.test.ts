/** The fault programs of the bench, part 1 of 3. */
import { testQuickFaults } from "./quick-faults.ts";

testQuickFaults(0, 3);
