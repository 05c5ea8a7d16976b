/** The endpoints of `/api/v1`. The routes, the OpenAPI document and the typed clients are derived from this table. */
import type { z } from "zod";
import * as appShape from "./contracts/apps.ts";
import * as channelShape from "./contracts/channels.ts";
import * as historyShape from "./contracts/history.ts";
import { limitsAnswer } from "./contracts/limits.ts";
import { activityPage, activityQuery, liveQuery } from "./contracts/live.ts";
import * as publishedShape from "./contracts/published.ts";
import * as serverShape from "./contracts/server.ts";
import * as trafficShape from "./contracts/traffic.ts";
import { get, noContent, patch, post, remove } from "./endpoint.ts";
import { serverEndpoints } from "./server-endpoints.ts";
import { webhookEndpoints } from "./webhook-endpoints.ts";

export const endpoints = {
  listApps: get("/apps", null, "List the apps that the caller may see", {
    query: appShape.appsQuery,
    answer: appShape.appsPage,
  }),
  createApp: post("/apps", "server.change", "Create an app; omitted credentials are generated", {
    status: 201,
    body: appShape.createAppBody,
    refused: appShape.settingsRefused,
    answer: appShape.createAppAnswer,
  }),
  getApp: get("/apps/{appId}", "app.read", "One app", { answer: appShape.appAnswer }),
  changeApp: patch(
    "/apps/{appId}",
    "app.change",
    "Change the name, state or settings; takes effect immediately",
    { body: appShape.changeAppBody, refused: appShape.settingsRefused, answer: appShape.appAnswer },
  ),
  deleteApp: remove("/apps/{appId}", "server.change", "Delete an app and close its connections", noContent),

  listSecrets: get(
    "/apps/{appId}/secrets",
    "app.read",
    "List the app's secrets without their values, and when each was last used",
    { answer: appShape.secretsAnswer },
  ),
  rotateSecret: post(
    "/apps/{appId}/secrets/rotate",
    "app.change",
    "Create a pending secret that is accepted in addition to the active one",
    { status: 201, body: appShape.rotateBody, answer: appShape.secretWithValueAnswer },
  ),
  activateSecret: post(
    "/apps/{appId}/secrets/activate",
    "app.change",
    "Activate the pending secret and revoke the old one",
    { body: appShape.activateBody, answer: appShape.secretAnswer },
  ),
  cancelRotation: post("/apps/{appId}/secrets/cancel", "app.change", "Delete the pending secret", {
    answer: appShape.secretAnswer,
  }),
  revealSecret: post(
    "/apps/{appId}/secrets/{secretId}/reveal",
    "secret.reveal",
    "The value of a secret; recorded in the audit log",
    { answer: appShape.revealAnswer },
  ),

  channelSettings: get(
    "/apps/{appId}/channel-settings",
    "app.read",
    "The settings of a channel after its channel rule is applied",
    {
      query: channelShape.channelSettingsQuery,
      answer: channelShape.channelSettingsAnswer,
    },
  ),
  channelHistory: get(
    "/apps/{appId}/channels/{channel}/history",
    "app.read",
    "The stored events of a channel",
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
  listConnections: get("/apps/{appId}/connections", "app.read", "Open connections, oldest first", {
    query: channelShape.connectionsQuery,
    answer: channelShape.connectionsPage,
  }),
  listClosedConnections: get(
    "/apps/{appId}/connections/closed",
    "app.read",
    "Recently closed connections and their reasons, newest first",
    { query: channelShape.closedConnectionsQuery, answer: channelShape.closedConnectionsPage },
  ),
  getConnection: get("/apps/{appId}/connections/{socketId}", "app.read", "One open connection", {
    answer: channelShape.connectionAnswer,
  }),
  getConnectionTimeline: get(
    "/apps/{appId}/connections/{socketId}/timeline",
    "app.read",
    "The timeline of an open or recently closed connection",
    { answer: historyShape.timelineAnswer },
  ),
  closeConnection: remove(
    "/apps/{appId}/connections/{socketId}",
    "app.operate",
    "Close a connection; its client does not reconnect by itself",
    noContent,
  ),

  ...webhookEndpoints,

  publishEvent: post("/apps/{appId}/events", "app.operate", "Publish an event, like a backend", {
    body: channelShape.publishBody,
    refused:
      "The app's settings do not allow it: the length of a name, the number of channels, or a channel rule",
    answer: channelShape.publishAnswer,
  }),
  authorizeChannel: post(
    "/apps/{appId}/channel-authorizations",
    "app.operate",
    "Authorize a subscription, like a backend",
    { body: channelShape.authorizeChannelBody, answer: channelShape.authorizeChannelAnswer },
  ),
  authenticateUser: post(
    "/apps/{appId}/user-authentications",
    "app.operate",
    "Authenticate a user, like a backend",
    { body: channelShape.authenticateUserBody, answer: channelShape.authenticateUserAnswer },
  ),
  live: get(
    "/apps/{appId}/live",
    "app.read",
    "The live feed of the app, as server-sent events: `activity`, `gap`, `position` and `end`",
    { query: liveQuery, answer: "text/event-stream" },
  ),
  listActivity: get(
    "/apps/{appId}/activity",
    "app.read",
    "The stored entries of the live feed in a time, newest first",
    { query: activityQuery, answer: activityPage },
  ),
  findUsers: get("/users", null, "Find users by the start of their id, in all apps that the caller may see", {
    query: publishedShape.usersQuery,
    answer: publishedShape.usersAnswer,
  }),
  listPublished: get(
    "/apps/{appId}/published",
    "app.read",
    "The app's latest published events with sender and recipients, newest first; with `userId`: whether each was sent to the user",
    { query: publishedShape.publishedQuery, answer: publishedShape.publishedPage },
  ),
  traffic: get(
    "/apps/{appId}/traffic",
    "app.read",
    "The app's largest channels and senders: published events and sent messages of each",
    { query: trafficShape.trafficQuery, answer: trafficShape.trafficAnswer },
  ),
  getUser: get(
    "/apps/{appId}/users/{userId}",
    "app.read",
    "The open and recently closed connections of a user, with their subscriptions over time",
    { answer: publishedShape.userAnswer },
  ),
  appLimits: get("/apps/{appId}/limits", "app.read", "The usage of each limit of the app", {
    answer: limitsAnswer,
  }),
  listErrors: get("/apps/{appId}/errors", "app.read", "The app's newest errors, newest first", {
    answer: historyShape.errorsAnswer,
  }),
  listErrorGroups: get(
    "/apps/{appId}/error-groups",
    "app.read",
    "The app's errors of the last seven days, grouped by cause",
    { answer: historyShape.errorGroupsAnswer },
  ),
  stats: get("/apps/{appId}/stats", "app.read", "A series of counts", {
    query: serverShape.statsQuery,
    refused: "`from` is not before `to`, or there are more than 2,000 intervals between them",
    answer: serverShape.statsAnswer,
  }),

  ...serverEndpoints,
};

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

/** `{ appId: string; … }` for the names in braces. */
export type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name | keyof PathParams<Rest>]: string }
  : unknown;

type SchemaOf<Name extends EndpointName, Part extends "query" | "body"> =
  Endpoints[Name] extends Record<Part, infer Schema extends z.ZodType> ? Schema : null;

/** The input of a client call. */
export type EndpointInput<Name extends EndpointName, Part extends "query" | "body"> =
  SchemaOf<Name, Part> extends z.ZodType ? z.input<SchemaOf<Name, Part>> : undefined;

/** The input of a handler. */
export type EndpointValue<Name extends EndpointName, Part extends "query" | "body"> =
  SchemaOf<Name, Part> extends z.ZodType ? z.output<SchemaOf<Name, Part>> : undefined;

export type EndpointAnswer<Name extends EndpointName> = Endpoints[Name]["answer"] extends z.ZodType
  ? z.output<Endpoints[Name]["answer"]>
  : Endpoints[Name]["answer"] extends string
    ? Response
    : undefined;
