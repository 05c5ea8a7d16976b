// SOKETIFY_TOKEN=… node example.js: creates an app, publishes an event in it, and rotates its secret.
import { AdminClient, AdminError } from "@soketify/admin";

const url = process.env.SOKETIFY_URL ?? "http://localhost:6001";
const admin = new AdminClient(url, { token: process.env.SOKETIFY_TOKEN });

const { app, secret } = await admin.call("POST /apps", { body: { name: "Shop" } });
console.log(`Created app ${app.id} with key ${app.key} and secret ${secret.value}`);

const path = { appId: app.id };
const event = { name: "opened", data: '{"at":"noon"}', channels: ["shop"] };
const { recipients } = await admin.call("POST /apps/{appId}/events", { path, body: event });
console.log(`Sent to ${recipients} connections`);

const rotated = await admin.call("POST /apps/{appId}/secrets/rotate", { path });
console.log(`Use the new secret ${rotated.secret.value} in your backends, then activate it`);

try {
  await admin.call("GET /apps/{appId}", { path: { appId: "unknown" } });
} catch (error) {
  if (!(error instanceof AdminError)) throw error;
  console.log(`${error.status} ${error.code}: ${error.message}. See ${error.help}`);
}
