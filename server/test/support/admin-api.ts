/**
 * The admin API over a management in memory, called as by a client. Every answer is checked against the contract.
 */

import { z } from "zod";
import { createPublish } from "../../src/actions/publish.ts";
import { createReadCachedEvent } from "../../src/actions/read-cached-event.ts";
import { createReadHistory } from "../../src/actions/read-history.ts";
import { type AdminApi, createAdminApi } from "../../src/admin-api/admin-api.ts";
import { newTokenText, tokenHash } from "../../src/admin-api/api-token.ts";
import type { LastPing } from "../../src/admin-api/apps/history.ts";
import type { AuthenticateSession } from "../../src/admin-api/authenticate.ts";
import { problem } from "../../src/admin-api/contracts/common.ts";
import type { Endpoint } from "../../src/admin-api/endpoint.ts";
import {
  type EndpointAnswer,
  type EndpointInput,
  type EndpointName,
  endpoints,
} from "../../src/admin-api/endpoints.ts";
import { ActivityFeed } from "../../src/core/activity.ts";
import { settingRules } from "../../src/core/apps/app-settings.ts";
import { SecretUsers } from "../../src/core/apps/secret-users.ts";
import { LimitSources } from "../../src/core/limits/limit-sources.ts";
import type { WebhookControl } from "../../src/core/ports/webhook-control.ts";
import type { Tally, WebhookHistory } from "../../src/core/ports/webhook-history.ts";
import { ErrorHours } from "../../src/live/error-hours.ts";
import { createLocalhostWebhooks } from "../../src/management/localhost-webhooks.ts";
import { createManageWebhooks } from "../../src/management/manage-webhooks.ts";
import { createReadStats } from "../../src/management/read-stats.ts";
import { memoryCluster } from "./fakes/memory-cluster.ts";
import { MemoryErrorStore } from "./fakes/memory-error-store.ts";
import { MemoryNodeStarts } from "./fakes/memory-node-starts.ts";
import { MemoryStatsStore } from "./fakes/memory-stats-store.ts";
import { RecordedLine } from "./fakes/recorded-line.ts";
import { type Management, secretUseGuardMs, startManagement } from "./management.ts";

const adminToken = "the-token-of-the-environment";
export const dayMs = 86_400_000;

interface Input<Name extends EndpointName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: EndpointInput<Name, "query">;
  readonly body?: EndpointInput<Name, "body">;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const emptyTally = {
  waiting: 0,
  waitingSinceMs: null,
  nextAttemptAtMs: null,
  givenUp: 0,
  lastDeliveredAtMs: null,
};

export class AdminApiUnderTest {
  readonly management: Management = startManagement();
  readonly tokens = this.management.tokens;
  readonly stats = new MemoryStatsStore();
  readonly nodeStarts = new MemoryNodeStarts();
  readonly activity = new ActivityFeed();
  readonly cluster = memoryCluster(this.management.clock);
  readonly line = new RecordedLine();
  readonly deliveries = this.management.deliveries;
  /** The outbox's figures for any webhook, instead of those of an empty one. */
  tally: Partial<Omit<Tally, "webhookId">> = {};
  /** The ids of the webhooks with deliveries that were given up. */
  readonly givenUp = new Set<string>();
  /** The errors of the last complete minute, by app id. */
  readonly errorsOfLastMinute = new Map<string, number>();
  readonly limits = new LimitSources();
  readonly webhookHistory: Pick<WebhookHistory, "list" | "tally" | "givenUp"> = {
    givenUp: async () => this.givenUp,
    list: async (_, { state, beforeSequence }, limit) =>
      this.deliveries
        .filter((one) => state === null || one.state === state)
        .filter(({ sequence }) => beforeSequence === null || sequence < beforeSequence)
        .slice(0, limit),
    tally: async ({ id }) => ({ webhookId: id, ...emptyTally, ...this.tally }),
  };
  readonly webhookControl: WebhookControl & { readonly tried: string[] } = {
    tried: [],
    urlProblem: async (url) =>
      url.includes("inside") ? { reason: "not at a public address", detail: "it is at 10.0.0.5" } : null,
    changed: async () => undefined,
    tryNow: (webhookId) => void this.webhookControl.tried.push(webhookId),
    circuit: () => ({ failuresInARow: 2, isPaused: false, pausedUntilMs: 0 }),
    test: async () => ({
      attempt: { atMs: 0, durationMs: 5, status: 500, answer: "no" },
      detail: "connect ECONNREFUSED 10.0.0.5:80",
    }),
  };
  readonly errors = new MemoryErrorStore();
  /** The last ping of every open connection. */
  lastPing: ReturnType<LastPing> = null;
  readonly bugs: unknown[] = [];
  isDatabaseUnreachable = false;
  /** How often a change of access was sent to the other nodes. */
  accessAnnouncements = 0;
  readonly api: AdminApi;

  constructor(authenticateSession: AuthenticateSession = async () => null) {
    const { registry, hub, clock, store, audit, inOneTransaction, webhookStore } = this.management;
    const { nodes, bus, allNodes } = this.management;
    const { broker, roster } = this.cluster;
    broker.listen(this.line);
    this.api = createAdminApi(
      {
        registry,
        hub,
        roster,
        activity: this.activity,
        clock,
        nodes,
        bus,
        allNodes,
        secretUsers: new SecretUsers(registry, clock),
        limits: this.limits,
      },
      {
        apps: store,
        tokens: this.tokens,
        audit,
        inOneTransaction,
        webhooks: webhookStore,
        stats: this.stats,
        nodeStarts: this.nodeStarts,
      },
      {
        ...this.management,
        readStats: createReadStats(this.stats, async () => ({ savedCount: 0, minutes: [] }), allNodes),
        errorHours: new ErrorHours(this.activity, { nodeId: nodes.id, registry, clock }, this.errors),
        publish: createPublish(broker, this.activity),
        readCachedEvent: createReadCachedEvent(broker),
        readHistory: createReadHistory(broker),
        webhooks: {
          manage: createManageWebhooks(webhookStore, inOneTransaction, this.webhookControl, clock),
          history: this.webhookHistory,
          control: this.webhookControl,
          localhost: createLocalhostWebhooks(webhookStore, inOneTransaction, null),
        },
      },
      {
        settingRules,
        publishLog: {
          publishesPerApp: 100,
          ageMsMax: 3_600_000,
          hasData: false,
          perApp: 100_000,
          inAll: 100_000,
        },
        version: "0.0.0",
        bodyBytesMax: 65_536,
        fixedTokens: [{ kind: "adminToken", name: "environment", value: adminToken }],
        authenticateSession,
        secretUseGuardMs,
        secretAgeWarningMs: 90 * dayMs,
        messagesLastMinute: () => 0,
        errorsOfLastMinute: () => this.errorsOfLastMinute,
        lastPing: () => this.lastPing,
        clientAddress: () => ({ publicUrl: null, port: null, pathPrefix: "" }),
        announceAccessChanged: () => {
          this.accessAnnouncements += 1;
        },
        isDatabaseUnreachable: async () => this.isDatabaseUnreachable,
        onBug: (error) => void this.bugs.push(error),
      },
    );
  }

  /** @param expiresInMs null: never */
  async token(scopes: readonly string[], expiresInMs: number | null = null): Promise<string> {
    const text = newTokenText();
    const createdAtMs = this.management.clock.now();
    const expiresAtMs = expiresInMs === null ? null : createdAtMs + expiresInMs;
    const id = tokenHash(text).slice(0, 8);
    const rest = {
      createdBy: "a test",
      ownerId: null,
      createdAtMs,
      expiresAtMs,
      lastUsedAtMs: null,
      revokedAtMs: null,
    };
    await this.tokens.create({ id, name: scopes.join(" "), scopes, ...rest }, tokenHash(text));
    return text;
  }

  /** The raw response; by default with the admin token. */
  async send<Name extends EndpointName>(name: Name, input: Input<Name> = {}): Promise<Response> {
    const { method, path }: Endpoint = endpoints[name];
    const { params = {}, query = {}, body, token = adminToken, headers = {} } = input;
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
    const search = new URLSearchParams(query as Record<string, string>);
    return this.api.routes.request(
      `${filled}?${search}`,
      {
        method: method.toUpperCase(),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { address: "192.0.2.1" },
    );
  }

  /** The body of an answer, checked against the contract. */
  async call<Name extends EndpointName>(name: Name, input: Input<Name> = {}): Promise<EndpointAnswer<Name>> {
    const { answer, status = 200 }: Endpoint = endpoints[name];
    const response = await this.send(name, input);
    if (response.status !== status) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    const value = answer instanceof z.ZodType ? strictly(answer).parse(await response.json()) : undefined;
    return value as EndpointAnswer<Name>;
  }

  /** The problem of a request that must be refused. */
  async refusal<Name extends EndpointName>(name: Name, input: Input<Name> = {}) {
    const response = await this.send(name, input);
    if (response.headers.get("content-type") !== "application/problem+json") {
      throw new Error(`${name}: ${response.status} is no problem`);
    }
    return problem.parse(await response.json());
  }
}

/** Rejects fields that the contract does not contain, at least at the top level. */
function strictly(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.strict() : schema;
}
