import { rosterContract } from "../../test/contract/roster.contract.ts";
import { MemoryRoster } from "./memory-roster.ts";

rosterContract("MemoryRoster", () => new MemoryRoster());
