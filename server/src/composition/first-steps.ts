/** The work of a start that needs the database: the first app, the first owner, pending webhooks. */
import type { Logger } from "pino";
import { type FirstApp, noOwnerMessage } from "../cli/server-port.ts";
import type { Config } from "../config/config.ts";
import { activeSecret } from "../core/apps/app.ts";
import { warningOf } from "../core/apps/credentials.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { Addresses } from "./addresses.ts";
import type { AuditUpkeep } from "./audit-upkeep.ts";
import type { Management } from "./management-stack.ts";
import type { PeopleStack } from "./people-stack.ts";
import { StartupTasks } from "./startup-tasks.ts";
import { systemClock as clock } from "./system-clock.ts";

export interface FirstStepsNeeds {
  readonly management: Management;
  readonly people: PeopleStack | null;
  readonly webhooks: Pick<Webhooks, "start">;
  readonly addresses: Addresses;
  readonly auditUpkeep: AuditUpkeep;
  readonly recordStart: () => Promise<void>;
}

export class FirstSteps {
  readonly #tasks: StartupTasks;
  readonly #addresses: Addresses;
  #isStarted = false;
  #firstApp: FirstApp | null = null;
  #setupToken: string | null = null;

  constructor(
    config: Config,
    { management, people, webhooks, addresses, auditUpkeep, recordStart }: FirstStepsNeeds,
    log: Logger,
  ) {
    this.#addresses = addresses;
    const makeApp = async () => {
      this.#firstApp = await ensureApp(config, management, log);
    };
    const openLogin = async () => {
      this.#setupToken = (await people?.setUp()) ?? null;
      // The start prints the link itself if it is still running.
      if (this.#isStarted && this.setupUrl !== null) log.info(noOwnerMessage);
    };
    // Removing old entries may take long, so the start does not wait for it.
    const maintainAudit = async () => void auditUpkeep.run();
    this.#tasks = new StartupTasks(
      clock,
      [makeApp, openLogin, () => webhooks.start(), recordStart, maintainAudit],
      (error) => log.warn({ err: error }, "The startup work on the database failed; retrying"),
    );
  }

  /** The app that this start created because there was none; null: none was created. */
  get firstApp(): FirstApp | null {
    return this.#firstApp;
  }

  /** The one-time link that creates the first owner's account; null: there is an owner. */
  get setupUrl(): string | null {
    return this.#addresses.setup(this.#setupToken);
  }

  /** Runs the remaining steps. @throws the error of the first step that fails */
  run(): Promise<void> {
    return this.#tasks.run();
  }

  /** Runs the remaining steps, and retries until all are done. */
  runSoon(): void {
    this.#tasks.runSoon();
  }

  /** The start is complete: from now on the log contains the lines that the start would have printed. */
  started(): void {
    this.#isStarted = true;
  }

  stop(): void {
    this.#tasks.stop();
  }
}

/**
 * Creates the configured app, or a first app if there is none. Returns the created app, to show its secret once.
 */
async function ensureApp(
  { appId: id, appKey: key, appSecret: secret }: Config,
  { seedApp }: Management,
  log: Logger,
): Promise<FirstApp | null> {
  const isConfigured = id !== null && key !== null && secret !== null;
  const warning = isConfigured ? warningOf(secret) : null;
  if (warning !== null) log.warn({ appId: id }, warning);
  const seeded = await seedApp(isConfigured ? { id, key, secret } : null);
  switch (seeded.outcome) {
    case "unchanged":
      return null;
    case "created":
      return { id: seeded.record.id, key: seeded.record.key, secret: activeSecret(seeded.record).value };
    case "secretReplaced":
      log.warn({ appId: id }, "The configured secret is now active; the other secrets are revoked");
      return null;
    case "revokedSecretIgnored":
      log.warn({ appId: id }, "The configured secret is ignored because it was revoked");
      return null;
    default:
      return seeded satisfies never;
  }
}
