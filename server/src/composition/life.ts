/** The start and stop of a server. */
import { Hono } from "hono";
import type { Logger } from "pino";
import type { RequestOrigin } from "../admin-api/routes.ts";
import type { Server } from "../cli/server-port.ts";
import { type Config, isAlone } from "../config/config.ts";
import type { Hub } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { drain } from "../transport/drain.ts";
import type { Ticker } from "../transport/ticker.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { Addresses } from "./addresses.ts";
import type { AuditUpkeep } from "./audit-upkeep.ts";
import type { Cluster } from "./cluster.ts";
import type { DatabaseWatch } from "./database-watch.ts";
import type { FirstSteps } from "./first-steps.ts";
import type { LocalServerFile } from "./local-server-file.ts";
import type { Management } from "./management-stack.ts";
import type { NodeWatch } from "./node-watch.ts";
import type { PeopleStack } from "./people-stack.ts";
import { allPorts, type Ports, reloadTls } from "./ports.ts";
import { createStop } from "./stop.ts";
import type { Telemetry } from "./telemetry.ts";

export interface LifeParts {
  readonly addresses: Addresses;
  readonly database: DatabaseWatch;
  readonly management: Management;
  readonly webhooks: Pick<Webhooks, "stop">;
  readonly firstSteps: FirstSteps;
  readonly watch: Pick<NodeWatch, "readiness" | "health" | "pages">;
  readonly telemetry: Pick<Telemetry, "start" | "stop">;
  readonly ports: Ports;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly auditUpkeep: AuditUpkeep;
  readonly people: Pick<PeopleStack, "stop"> | null;
  readonly cluster: Pick<Cluster, "start" | "reach" | "stop">;
  readonly localServer: LocalServerFile;
  /** Listens on every port. @throws if a port is taken */
  readonly openDoors: () => void;
  /** Removes every member whose grace has not passed. */
  readonly endGraces: () => Promise<void>;
  /** Ends the answers for HTTP sessions of other nodes. */
  readonly endForwarded: () => void;
}

export class Life implements Server {
  readonly #config: Config;
  readonly #parts: LifeParts;
  readonly #log: Logger;
  readonly #machineOwnersApi: Hono<{ Bindings: RequestOrigin }>;
  readonly #unfit = Promise.withResolvers<Error>();

  constructor(config: Config, parts: LifeParts, log: Logger) {
    this.#config = config;
    this.#parts = parts;
    this.#log = log;
    this.#machineOwnersApi = new Hono<{ Bindings: RequestOrigin }>().route(
      "/api/v1",
      parts.management.api.routes,
    );
  }

  get url() {
    return this.#parts.addresses.client;
  }

  get firstApp() {
    return this.#parts.firstSteps.firstApp;
  }

  get dashboardUrl() {
    return this.#config.dashboardEnabled ? this.#parts.addresses.dashboard : null;
  }

  get setupUrl() {
    return this.#parts.firstSteps.setupUrl;
  }

  get unfit() {
    return this.#unfit.promise;
  }

  async start(): Promise<void> {
    const { database, management, firstSteps, addresses, watch, openDoors, cluster, hub, localServer } =
      this.#parts;
    const { here, removeHere, beginRead } = management.installApp;
    const apps = { changed: here, removed: removeHere, beginRead };
    await database.start(apps, () => firstSteps.runSoon(), this.#log);
    if (database.isReachable) await firstSteps.run();
    management.stats.start();
    await cluster.start(
      () => ({
        isDraining: watch.readiness.isDraining,
        connections: hub.connectionCounts(),
        unauthorized: hub.unauthorizedCounts(),
        messagesLastMinute: management.stats.messagesOfLastMinute(),
        health: watch.health(),
      }),
      this.#unfit.resolve,
    );
    openDoors();
    localServer.write({
      ...addresses.local,
      dashboardUrl: this.dashboardUrl,
      isAlone: isAlone(this.#config),
    });
    this.#parts.telemetry.start(watch.pages);
    watch.readiness.listening();
    firstSteps.started();
  }

  async stop(): Promise<void> {
    const {
      watch,
      clock,
      ports,
      hub,
      management,
      webhooks,
      database,
      cluster,
      auditUpkeep,
      people,
      endForwarded,
    } = this.#parts;
    const { drainMs: overMs, drainPerSecondMin: perSecondMin } = this.#config;
    const stop = createStop(
      this.#config,
      {
        readiness: watch.readiness,
        doors: allPorts(ports),
        endStreams: () => {
          management.api.close();
          endForwarded();
        },
        drain: () => drain(hub, clock, { overMs, perSecondMin }),
        leaveCluster: async () => {
          // In a cluster the other nodes keep these members, and report those who do not reconnect.
          if (this.#config.redisUrl === null) await this.#parts.endGraces();
          await cluster.stop();
        },
        stopWebhooks: () => webhooks.stop(),
        saveStatistics: async () => {
          await management.recordSecretUses();
          await management.errorHours.save();
          await management.stats.stop();
          await people?.stop();
          await auditUpkeep.run();
        },
        sendTelemetry: () => this.#parts.telemetry.stop(),
        closeDatabase: () => database.close(),
      },
      clock,
      this.#log,
    );
    await stop();
    this.stopNow();
  }

  stopNow(): void {
    const { ticker, firstSteps, database, management, ports, localServer } = this.#parts;
    ticker.stop();
    firstSteps.stop();
    database.stop();
    management.api.close();
    for (const port of allPorts(ports)) port.stopNow();
    localServer.remove();
  }

  async reloadTls(): Promise<void> {
    reloadTls(this.#parts.ports);
  }

  reachNodes(): Promise<string | null> {
    return this.#parts.cluster.reach();
  }

  async close(): Promise<void> {
    await this.#parts.cluster.stop();
    this.stopNow();
    await this.#parts.database.close();
  }

  async adminRequest(request: Request): Promise<Response> {
    return this.#machineOwnersApi.fetch(request, { isMachineOwner: true });
  }
}
