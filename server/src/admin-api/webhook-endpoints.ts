/** The endpoints of webhooks, a part of the table in endpoints.ts. */
import { cursorRefused } from "./contracts/common.ts";
import * as shape from "./contracts/webhooks.ts";
import { get, noContent, patch, post, remove } from "./endpoint.ts";

export const webhookEndpoints = {
  listWebhooks: get("/apps/{appId}/webhooks", "app.read", "The app's webhooks", {
    answer: shape.webhooksAnswer,
  }),
  createWebhook: post("/apps/{appId}/webhooks", "app.change", "Create a webhook; takes effect immediately", {
    status: 201,
    body: shape.createWebhookBody,
    refused: shape.webhookRefused,
    answer: shape.webhookAnswer,
  }),
  getWebhook: get("/apps/{appId}/webhooks/{webhookId}", "app.read", "One webhook", {
    answer: shape.webhookInUseAnswer,
  }),
  changeWebhook: patch("/apps/{appId}/webhooks/{webhookId}", "app.change", "Change the given values", {
    body: shape.changeWebhookBody,
    refused: shape.webhookRefused,
    answer: shape.webhookAnswer,
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
    "Send a test event once and return the response",
    { answer: shape.testAnswer },
  ),
  listDeliveries: get(
    "/apps/{appId}/webhooks/{webhookId}/deliveries",
    "app.read",
    "Pending, delivered and failed events, newest first",
    { query: shape.deliveriesQuery, refused: cursorRefused, answer: shape.deliveriesPage },
  ),
  replayDelivery: post(
    "/apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
    "app.operate",
    "Send a finished delivery again, with all events of its request",
    noContent,
  ),
  replayGivenUp: post(
    "/apps/{appId}/webhooks/{webhookId}/replay",
    "app.operate",
    "Send all given-up deliveries again",
    { answer: shape.replayAnswer },
  ),
};
