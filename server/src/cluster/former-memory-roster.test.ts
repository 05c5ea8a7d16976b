import { rosterContract } from "../../test/contract/former-roster.contract.ts";
import { MemoryRoster } from "./former-memory-roster.ts";

rosterContract("MemoryRoster", () => new MemoryRoster());
