/** Every fault program, by its file name. */
import { churnSoak } from "./churn-soak.ts";
import { clockJump } from "./clock-jump.ts";
import { clockSkew } from "./clock-skew.ts";
import { clusterOrder } from "./cluster-order.ts";
import { clusterReturn } from "./cluster-return.ts";
import { connectStorm } from "./connect-storm.ts";
import { databaseTrouble } from "./database-trouble.ts";
import { descriptorLimit } from "./descriptor-limit.ts";
import { drain } from "./drain.ts";
import type { Fault } from "./fault.ts";
import { halfOpenSessions } from "./half-open-sessions.ts";
import { idempotencyRace } from "./idempotency-race.ts";
import { idleSoak } from "./idle-soak.ts";
import { loginFlood } from "./login-flood.ts";
import { memoryWatermark } from "./memory-watermark.ts";
import { nodeClocks } from "./node-clocks.ts";
import { nodeCutOff } from "./node-cut-off.ts";
import { nodeDeath } from "./node-death.ts";
import { nodeDeathGrace } from "./node-death-grace.ts";
import { nodePause } from "./node-pause.ts";
import { recoveryRefused } from "./recovery-refused.ts";
import { recoveryStorm } from "./recovery-storm.ts";
import { redisTrouble } from "./redis-trouble.ts";
import { rollingRestart, rollingRestartHaproxy } from "./rolling-restart.ts";
import { rotationRace } from "./rotation-race.ts";
import { sentinelFailover } from "./sentinel-failover.ts";
import { slowLoris } from "./slow-loris.ts";
import { slowReaders } from "./slow-readers.ts";
import { subscribeRace } from "./subscribe-race.ts";

export const allFaults: Readonly<Record<string, Fault>> = {
  "clock-skew": clockSkew,
  "clock-jump": clockJump,
  "idle-soak": idleSoak,
  "connect-storm": connectStorm,
  drain,
  "slow-readers": slowReaders,
  "subscribe-race": subscribeRace,
  "descriptor-limit": descriptorLimit,
  "memory-watermark": memoryWatermark,
  "slow-loris": slowLoris,
  "half-open-sessions": halfOpenSessions,
  "login-flood": loginFlood,
  "database-trouble": databaseTrouble,
  "cluster-order": clusterOrder,
  "node-death": nodeDeath,
  "node-death-grace": nodeDeathGrace,
  "idempotency-race": idempotencyRace,
  "redis-trouble": redisTrouble,
  "recovery-storm": recoveryStorm,
  "recovery-refused": recoveryRefused,
  "sentinel-failover": sentinelFailover,
  "node-cut-off": nodeCutOff,
  "node-pause": nodePause,
  "node-clocks": nodeClocks,
  "rotation-race": rotationRace,
  "rolling-restart": rollingRestart,
  "rolling-restart-haproxy": rollingRestartHaproxy,
  "cluster-return": clusterReturn,
  "churn-soak": churnSoak,
};
