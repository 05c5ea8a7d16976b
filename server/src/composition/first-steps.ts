/** What a start does once it reaches its database: the first app, the first owner, the webhooks that waited. */
import type { Logger } from "pino";
import { type FirstApp, nobodyOwns } from "../cli/server-port.ts";
import type { Config } from "../config/config.ts";
import { activeSecret } from "../core/app.ts";
import { warningOf } from "../core/credentials.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { Addresses } from "./addresses.ts";
import type { AuditKeeper } from "./audit-keeper.ts";
import { FirstUse } from "./first-use.ts";
import type { Management } from "./management-stack.ts";
import type { PeopleStack } from "./people-stack.ts";
import { systemClock as clock } from "./system-clock.ts";

export interface FirstStepsNeeds {
  readonly management: Management;
  readonly people: PeopleStack | null;
  readonly webhooks: Pick<Webhooks, "start">;
  readonly addresses: Addresses;
  readonly auditKeeper: AuditKeeper;
}

export class FirstSteps {
  readonly #use: FirstUse;
  readonly #addresses: Addresses;
  #isStarted = false;
  #firstApp: FirstApp | null = null;
  #setupToken: string | null = null;

  constructor(
    config: Config,
    { management, people, webhooks, addresses, auditKeeper }: FirstStepsNeeds,
    log: Logger,
  ) {
    this.#addresses = addresses;
    const makeApp = async () => {
      this.#firstApp = await ensureApp(config, management, log);
    };
    const letPeopleIn = async () => {
      this.#setupToken = (await people?.setUp()) ?? null;
      // The start itself says so where it got this far.
      if (this.#isStarted && this.setupUrl !== null) log.info(nobodyOwns);
    };
    // It may have much to remove, which the start does not wait for.
    const lookAfterAudit = async () => void auditKeeper.look();
    this.#use = new FirstUse(clock, [makeApp, letPeopleIn, () => webhooks.start(), lookAfterAudit], (error) =>
      log.warn({ err: error }, "The database could not be brought into use; trying again"),
    );
  }

  /** The app that was made because there was none. */
  get firstApp(): FirstApp | null {
    return this.#firstApp;
  }

  /** The one-time link that makes the first owner's account. */
  get setupUrl(): string | null {
    return this.#addresses.setup(this.#setupToken);
  }

  /** Does what is left to do. @throws what stands in the way */
  run(): Promise<void> {
    return this.#use.run();
  }

  /** Does what is left to do, and tries again until it is done. */
  runSoon(): void {
    this.#use.runSoon();
  }

  /** The start is over: from now on the log tells what it would have printed. */
  started(): void {
    this.#isStarted = true;
  }

  stop(): void {
    this.#use.stop();
  }
}

/** The configured app, or a first one where there is none. Answers what was made here, so that a person is told once. */
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
      log.warn({ appId: id }, "The configured secret is the active one now; the others are revoked");
      return null;
    case "revokedSecretIgnored":
      log.warn({ appId: id }, "The configured secret was revoked, so it is ignored");
      return null;
    default:
      return seeded satisfies never;
  }
}
