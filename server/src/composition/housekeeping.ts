/** Periodic work: every second, and every few seconds. */
import type { Logger } from "pino";
import { Ticker } from "../transport/ticker.ts";
import type { AuditUpkeep } from "./audit-upkeep.ts";
import type { Management } from "./management-stack.ts";
import type { NodeWatch } from "./node-watch.ts";
import { type Ports, reloadTls } from "./ports.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import { systemClock as clock } from "./system-clock.ts";

const secretUsesSavedEveryS = 5;
const certificateCheckedEveryS = 5;
const errorsSavedEveryS = 10;
const errorsPrunedEveryS = 3_600;
const auditCheckedEveryS = 3_600;

export interface HousekeepingNeeds {
  readonly heartbeat: { tick(): void };
  readonly http: { tick(): void } | null;
  readonly watch: Pick<NodeWatch, "load" | "readiness">;
  readonly stack: Pick<ProtocolStack, "closeUnauthorized">;
  readonly ports: Ports;
  readonly management: Pick<Management, "recordSecretUses" | "errorHours">;
  readonly auditUpkeep: AuditUpkeep;
  readonly onBug: (error: unknown) => void;
}

/** Starts immediately. */
export function startHousekeeping(needs: HousekeepingNeeds, log: Logger): Ticker {
  const { heartbeat, http, watch, stack, ports, management, auditUpkeep, onBug } = needs;
  const ticker = new Ticker(clock);
  ticker.every(1, () => heartbeat.tick());
  ticker.every(1, () => http?.tick());
  ticker.every(1, () => watch.load.sample());
  ticker.every(1, () => watch.readiness.update());
  ticker.every(1, () => stack.closeUnauthorized());
  ticker.every(secretUsesSavedEveryS, () => {
    // While the database is unreachable the next run retries. DatabaseWatch logs once that it is unreachable.
    management.recordSecretUses().catch((error) => log.debug({ err: error }, "Secret uses were not saved"));
  });
  ticker.every(errorsSavedEveryS, () => {
    management.errorHours.save().catch((error) => log.debug({ err: error }, "Errors were not saved"));
  });
  ticker.every(errorsPrunedEveryS, () => {
    management.errorHours.prune().catch((error) => log.debug({ err: error }, "Old errors were not deleted"));
  });
  ticker.every(auditCheckedEveryS, () => auditUpkeep.run());
  ticker.every(certificateCheckedEveryS, () => {
    try {
      if (ports.certificate?.hasChanged()) reloadTls(ports);
    } catch (error) {
      onBug(error);
    }
  });
  return ticker;
}
