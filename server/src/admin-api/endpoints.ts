/** The table of contents of `/api/v1`: the routes, the OpenAPI document and the typed clients all come from it. */
import type { z } from "zod";
import * as appShape from "./contracts/apps.ts";
import * as channelShape from "./contracts/channels.ts";
import * as commonShape from "./contracts/common.ts";
import * as historyShape from "./contracts/history.ts";
import { liveQuery } from "./contracts/live.ts";
import * as serverShape from "./contracts/server.ts";
import * as webhookShape from "./contracts/webhooks.ts";

export interface Endpoint {
  readonly method: "get" | "post" | "patch" | "delete";
  /** As OpenAPI spells it, below `/api/v1`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** What the caller must be allowed; on the app that the path names, where it names one. Null: anybody known. */
  readonly permission: serverShape.Permission | null;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** 200 where it is left out. */
  readonly status?: 200 | 201 | 204;
  /** A schema of JSON, another content type, or nothing (204). */
  readonly answer: z.ZodType | "text/event-stream" | "application/x-ndjson" | null;
}

const get = endpointMaker("get");
const post = endpointMaker("post");
const patch = endpointMaker("patch");
const remove = endpointMaker("delete");
const noContent = { status: 204, answer: null } as const;

export const endpoints = {
  me: get("/me", null, "Who is asking, and what they may do", { answer: serverShape.meAnswer }),
  server: get("/server", null, "Which release this is, and where clients and backends reach it", {
    answer: serverShape.serverAnswer,
  }),
  settingRules: get("/setting-rules", null, "What each app setting means, its default and its range", {
    answer: appShape.settingRulesAnswer,
  }),
  nodes: get("/nodes", "server.read", "The nodes of the server, and how each is doing", {
    answer: serverShape.nodesAnswer,
  }),

  listApps: get("/apps", null, "The apps that the caller may see", {
    query: appShape.appsQuery,
    answer: appShape.appsPage,
  }),
  createApp: post("/apps", "server.change", "Make an app; what is left out is generated", {
    status: 201,
    body: appShape.createAppBody,
    answer: appShape.createAppAnswer,
  }),
  getApp: get("/apps/{appId}", "app.read", "One app", { answer: appShape.appAnswer }),
  changeApp: patch(
    "/apps/{appId}",
    "app.change",
    "Change a name, a state or settings; takes effect at once",
    { body: appShape.changeAppBody, answer: appShape.appAnswer },
  ),
  deleteApp: remove("/apps/{appId}", "server.change", "Delete an app and close its connections", noContent),

  listSecrets: get(
    "/apps/{appId}/secrets",
    "app.read",
    "The app's secrets without their values, and when each was last used",
    { answer: appShape.secretsAnswer },
  ),
  rotateSecret: post(
    "/apps/{appId}/secrets/rotate",
    "app.change",
    "Make a pending secret that verifies beside the active one",
    { status: 201, body: appShape.rotateBody, answer: appShape.secretWithValueAnswer },
  ),
  activateSecret: post(
    "/apps/{appId}/secrets/activate",
    "app.change",
    "Make the pending secret the active one and revoke the old one",
    { body: appShape.activateBody, answer: appShape.secretAnswer },
  ),
  cancelRotation: post("/apps/{appId}/secrets/cancel", "app.change", "Drop the pending secret", {
    answer: appShape.secretAnswer,
  }),
  revealSecret: post(
    "/apps/{appId}/secrets/{secretId}/reveal",
    "secret.reveal",
    "The value of a secret; noted in the audit log",
    { answer: appShape.revealAnswer },
  ),

  channelSettings: get(
    "/apps/{appId}/channel-settings",
    "app.read",
    "What the channel rules set for a channel",
    {
      query: channelShape.channelSettingsQuery,
      answer: channelShape.channelSettingsAnswer,
    },
  ),
  channelHistory: get(
    "/apps/{appId}/channels/{channel}/history",
    "app.read",
    "The events that a channel keeps",
    {
      query: channelShape.historyQuery,
      answer: channelShape.historyPage,
    },
  ),
  listChannels: get("/apps/{appId}/channels", "app.read", "Occupied channels by name", {
    query: channelShape.channelsQuery,
    answer: channelShape.channelsPage,
  }),
  getChannel: get(
    "/apps/{appId}/channels/{channel}",
    "app.read",
    "One channel: members, subscribers, cached event",
    { answer: channelShape.channelAnswer },
  ),
  listConnections: get("/apps/{appId}/connections", "app.read", "Open connections, the oldest first", {
    query: channelShape.connectionsQuery,
    answer: channelShape.connectionsPage,
  }),
  listClosedConnections: get(
    "/apps/{appId}/connections/closed",
    "app.read",
    "Connections that closed lately and why, the latest first",
    { query: commonShape.pageQuery, answer: channelShape.closedConnectionsPage },
  ),
  getConnection: get("/apps/{appId}/connections/{socketId}", "app.read", "One open connection", {
    answer: channelShape.connectionAnswer,
  }),
  getConnectionTimeline: get(
    "/apps/{appId}/connections/{socketId}/timeline",
    "app.read",
    "What a connection did, from its opening to its close; also of one that closed lately",
    { answer: historyShape.timelineAnswer },
  ),
  closeConnection: remove(
    "/apps/{appId}/connections/{socketId}",
    "app.operate",
    "Close a connection; its client does not come back by itself",
    noContent,
  ),

  listWebhooks: get("/apps/{appId}/webhooks", "app.read", "The app's webhooks", {
    answer: webhookShape.webhooksAnswer,
  }),
  createWebhook: post("/apps/{appId}/webhooks", "app.change", "Make a webhook; takes effect at once", {
    status: 201,
    body: webhookShape.createWebhookBody,
    answer: webhookShape.webhookAnswer,
  }),
  getWebhook: get("/apps/{appId}/webhooks/{webhookId}", "app.read", "One webhook", {
    answer: webhookShape.webhookInUseAnswer,
  }),
  changeWebhook: patch("/apps/{appId}/webhooks/{webhookId}", "app.change", "Change what is given", {
    body: webhookShape.changeWebhookBody,
    answer: webhookShape.webhookAnswer,
  }),
  deleteWebhook: remove(
    "/apps/{appId}/webhooks/{webhookId}",
    "app.change",
    "Delete a webhook with its deliveries",
    noContent,
  ),
  testWebhook: post(
    "/apps/{appId}/webhooks/{webhookId}/test",
    "app.operate",
    "Send a made-up event once, and tell what came back",
    { answer: webhookShape.testAnswer },
  ),
  listDeliveries: get(
    "/apps/{appId}/webhooks/{webhookId}/deliveries",
    "app.read",
    "Events on their way, delivered and given up, the latest first",
    { query: webhookShape.deliveriesQuery, answer: webhookShape.deliveriesPage },
  ),
  replayDelivery: post(
    "/apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
    "app.operate",
    "Send a finished delivery once more, with all that went out in its request",
    noContent,
  ),

  publishEvent: post("/apps/{appId}/events", "app.operate", "Publish an event as a backend would", {
    body: channelShape.publishBody,
    answer: channelShape.publishAnswer,
  }),
  authorizeChannel: post(
    "/apps/{appId}/channel-authorizations",
    "app.operate",
    "Authorize a subscription as a backend would",
    { body: channelShape.authorizeChannelBody, answer: channelShape.authorizeChannelAnswer },
  ),
  authenticateUser: post(
    "/apps/{appId}/user-authentications",
    "app.operate",
    "Authenticate a user as a backend would",
    { body: channelShape.authenticateUserBody, answer: channelShape.authenticateUserAnswer },
  ),
  live: get(
    "/apps/{appId}/live",
    "app.read",
    "What happens in the app, as server-sent events: `activity`, `gap`, `position` and `end`",
    { query: liveQuery, answer: "text/event-stream" },
  ),
  listErrors: get("/apps/{appId}/errors", "app.read", "The app's newest errors, the latest first", {
    answer: historyShape.errorsAnswer,
  }),
  stats: get("/apps/{appId}/stats", "app.read", "A series of counts", {
    query: serverShape.statsQuery,
    answer: serverShape.statsAnswer,
  }),

  listTokens: get("/tokens", "token.manage", "The API tokens without their values", {
    query: commonShape.pageQuery,
    answer: serverShape.tokensPage,
  }),
  createToken: post("/tokens", "token.manage", "Make an API token", {
    status: 201,
    body: serverShape.createTokenBody,
    answer: serverShape.createTokenAnswer,
  }),
  deleteToken: remove("/tokens/{tokenId}", "token.manage", "Revoke an API token", noContent),

  listAudit: get("/audit", "audit.read", "Who did what, the latest first", {
    query: serverShape.auditQuery,
    answer: serverShape.auditPage,
  }),
  exportAudit: get("/audit/export", "audit.read", "The audit log as JSON lines, the latest first", {
    query: serverShape.auditQuery.omit({ limit: true, cursor: true }),
    answer: "application/x-ndjson",
  }),
  verifyAudit: get("/audit/verify", "audit.read", "Whether the audit log's chain of hashes is whole", {
    query: serverShape.auditVerifyQuery,
    answer: serverShape.auditVerifyAnswer,
  }),
};

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

/** `{ appId: string; … }` for the names in braces. */
export type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name | keyof PathParams<Rest>]: string }
  : unknown;

type SchemaOf<Name extends EndpointName, Part extends "query" | "body"> =
  Endpoints[Name] extends Record<Part, infer Schema extends z.ZodType> ? Schema : null;

/** What a client gives. */
export type EndpointInput<Name extends EndpointName, Part extends "query" | "body"> =
  SchemaOf<Name, Part> extends z.ZodType ? z.input<SchemaOf<Name, Part>> : undefined;

/** What a handler is given. */
export type EndpointValue<Name extends EndpointName, Part extends "query" | "body"> =
  SchemaOf<Name, Part> extends z.ZodType ? z.output<SchemaOf<Name, Part>> : undefined;

export type EndpointAnswer<Name extends EndpointName> = Endpoints[Name]["answer"] extends z.ZodType
  ? z.output<Endpoints[Name]["answer"]>
  : Endpoints[Name]["answer"] extends string
    ? Response
    : undefined;

type Parts = Partial<Pick<Endpoint, "query" | "body" | "status" | "answer">>;

function endpointMaker<const Method extends Endpoint["method"]>(method: Method) {
  return <const Path extends Endpoint["path"], const Given extends Parts>(
    path: Path,
    permission: Endpoint["permission"],
    summary: string,
    parts: Given,
  ) => ({ method, path, permission, summary, ...parts });
}
