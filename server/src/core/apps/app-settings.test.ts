import { expect, test } from "bun:test";
import { defaultAppSettings } from "./app-settings.ts";

test("a new app allows client events, and all other features are off", () => {
  expect(defaultAppSettings).toMatchObject({
    clientEventsEnabled: true,
    subscriptionCountEnabled: false,
    watchlistEnabled: false,
    authorizedConnectionsOnly: false,
  });
});
