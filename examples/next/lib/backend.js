/** What the route handlers share. Runs only on the server: it has the secret. */
import Pusher from "pusher";

export const pusher = new Pusher({
  appId: process.env.SOKETIFY_APP_ID,
  key: process.env.SOKETIFY_APP_KEY,
  secret: process.env.SOKETIFY_APP_SECRET,
  host: process.env.SOKETIFY_HOST || "127.0.0.1",
  port: process.env.SOKETIFY_PORT || "6001",
  useTLS: false,
});

// Replace these with your application's sessions and users.
const users = new Map([
  ["token-of-ada", { id: "ada", name: "Ada" }],
  ["token-of-bo", { id: "bo", name: "Bo" }],
]);

/** The logged-in user of a request, or undefined. */
export function userOf(request) {
  return users.get(request.headers.get("authorization")?.replace(/^Bearer /, ""));
}
