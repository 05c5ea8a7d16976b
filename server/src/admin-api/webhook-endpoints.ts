/** The endpoints of webhooks, a part of the table in endpoints.ts. */
import { cursorRefused } from "./contracts/common.ts";
import * as shape from "./contracts/webhooks.ts";
import type { Endpoint } from "./endpoint.ts";

export const webhookEndpoints = {
  listWebhooks: {
    method: "get",
    path: "/apps/{appId}/webhooks",
    permission: "app.read",
    summary: "The app's webhooks",
    answer: shape.webhooksAnswer,
  },
  createWebhook: {
    method: "post",
    path: "/apps/{appId}/webhooks",
    permission: "app.change",
    summary: "Create a webhook; takes effect immediately",
    status: 201,
    body: shape.createWebhookBody,
    refused: shape.webhookRefused,
    answer: shape.webhookAnswer,
  },
  getWebhook: {
    method: "get",
    path: "/apps/{appId}/webhooks/{webhookId}",
    permission: "app.read",
    summary: "One webhook",
    answer: shape.webhookInUseAnswer,
  },
  changeWebhook: {
    method: "patch",
    path: "/apps/{appId}/webhooks/{webhookId}",
    permission: "app.change",
    summary: "Change the given values",
    body: shape.changeWebhookBody,
    refused: shape.webhookRefused,
    answer: shape.webhookAnswer,
  },
  deleteWebhook: {
    method: "delete",
    path: "/apps/{appId}/webhooks/{webhookId}",
    permission: "app.change",
    summary: "Delete a webhook with its deliveries",
    status: 204,
    answer: null,
  },
  testWebhook: {
    method: "post",
    path: "/apps/{appId}/webhooks/{webhookId}/test",
    permission: "app.operate",
    summary: "Send a test event once and return the response",
    answer: shape.testAnswer,
  },
  listDeliveries: {
    method: "get",
    path: "/apps/{appId}/webhooks/{webhookId}/deliveries",
    permission: "app.read",
    summary: "Pending, delivered and failed events, newest first",
    query: shape.deliveriesQuery,
    refused: cursorRefused,
    answer: shape.deliveriesPage,
  },
  replayDelivery: {
    method: "post",
    path: "/apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
    permission: "app.operate",
    summary: "Send a finished delivery again, with all events of its request",
    status: 204,
    answer: null,
  },
  replayGivenUp: {
    method: "post",
    path: "/apps/{appId}/webhooks/{webhookId}/replay",
    permission: "app.operate",
    summary: "Send all deliveries again that were given up",
    answer: shape.replayAnswer,
  },
} as const satisfies Readonly<Record<string, Endpoint>>;
