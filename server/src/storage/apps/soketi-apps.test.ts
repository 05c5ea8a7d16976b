import { expect, test } from "bun:test";
import { readSoketiApps } from "./soketi-apps.ts";
import { readSoketiConfig, SoketiUnusable, serverNotes } from "./soketi-config.ts";

const credentials = { id: "app-id", key: "app-key", secret: "app-secret" };

function read(config: object) {
  const soketi = readSoketiConfig(JSON.stringify(config));
  return { ...readSoketiApps(soketi.apps, soketi, 1_000), serverNotes: serverNotes(soketi) };
}

function readApp(app: object, rest: object = {}) {
  const { apps, ...all } = read({ ...rest, appManager: { driver: "array", array: { apps: [app] } } });
  const [first] = apps;
  if (first === undefined) throw new Error("readSoketiApps returned no app");
  return { app: first, ...all };
}

test("an app keeps its credentials, and gets soketi's defaults for settings that it does not have", () => {
  const { app, notes } = readApp({ ...credentials, id: 4242 });
  expect(app).toMatchObject({ id: "4242", key: "app-key", isEnabled: true });
  expect(app.secrets.map(({ value, state }) => [value, state])).toEqual([["app-secret", "active"]]);
  expect(app.settings).toMatchObject({
    clientEventsEnabled: false,
    connectionsMax: 0,
    clientEventsPerSecondMax: 0,
    eventPayloadBytesMax: 102_400,
    presenceMemberBytesMax: 2_048,
    authorizedConnectionsOnly: false,
  });
  expect(notes).toEqual([]);
});

test("each setting of an app is imported in Soketify's units", () => {
  const { app, notes } = readApp({
    ...credentials,
    maxConnections: 200,
    enableClientMessages: true,
    enabled: false,
    maxClientEventsPerSecond: 20,
    maxPresenceMembersPerChannel: 7,
    maxPresenceMemberSizeInKb: 4,
    maxChannelNameLength: 50,
    maxEventChannelsAtOnce: 3,
    maxEventNameLength: 60,
    maxEventPayloadInKb: 0.5,
    maxEventBatchSize: 5,
    enableUserAuthentication: true,
    maxBackendEventsPerSecond: -1,
    maxReadRequestsPerSecond: -1,
  });
  expect(app.isEnabled).toBe(false);
  expect(app.settings).toMatchObject({
    connectionsMax: 200,
    clientEventsEnabled: true,
    clientEventsPerSecondMax: 20,
    presenceMembersMax: 7,
    presenceMemberBytesMax: 4_096,
    channelNameLengthMax: 50,
    channelsPerEventMax: 3,
    eventNameLengthMax: 60,
    eventPayloadBytesMax: 512,
    eventsPerBatchMax: 5,
    authorizedConnectionsOnly: true,
  });
  expect(notes).toEqual([]);
});

test("limits of soketi's server become limits of its apps, also with dotted keys", () => {
  const { app } = readApp(credentials, {
    "eventLimits.maxPayloadInKb": 20,
    presence: { maxMembersPerChannel: 9 },
  });
  expect(app.settings).toMatchObject({ eventPayloadBytesMax: 20_480, presenceMembersMax: 9 });
});

test("the notes name settings that cannot be imported, and values out of range", () => {
  const {
    app,
    notes,
    serverNotes: server,
  } = readApp(
    { ...credentials, maxBackendEventsPerSecond: 5, maxConnections: 9_000_000, somethingNew: 1 },
    { port: 6001, debug: true, adapter: { driver: "redis" }, ssl: { passphrase: "hush" } },
  );
  expect(app.settings.connectionsMax).toBe(1_000_000);
  expect(notes).toEqual([
    "App app-id: maxConnections is 9000000, but connectionsMax must be 1 to 1000000: it is set to 1000000",
    expect.stringContaining("App app-id: maxBackendEventsPerSecond has no counterpart"),
    "App app-id: somethingNew has no counterpart",
  ]);
  expect(server).toEqual([
    "port is not imported: set SOKETIFY_PORT instead",
    "debug is not imported: set SOKETIFY_LOG_LEVEL instead",
    "adapter.driver has no counterpart",
    "ssl.passphrase has no counterpart",
  ]);
});

test("webhooks are imported with their events, filters and headers; the notes name those that call a Lambda function", () => {
  const url = "https://example.com/hook";
  const hooks = [
    {
      url,
      event_types: ["channel_occupied", "client_event", "no_such_event"],
      headers: { "X-Team": "shop" },
      filter: { channel_name_starts_with: "a-", channel_name_ends_with: "-z", other: 1 },
    },
    { lambda_function: "f", event_types: ["channel_occupied"] },
    { url, event_types: [] },
  ];
  const rest = { webhooks: { batching: { enabled: true, duration: 50 } } };
  for (const webhooks of [hooks, JSON.stringify(hooks)]) {
    const { webhooks: made, notes } = readApp({ ...credentials, webhooks }, rest);
    expect(made).toEqual([
      expect.objectContaining({
        appId: "app-id",
        url,
        events: ["channel_occupied", "client_event"],
        isBatching: true,
        isEnabled: true,
        headers: { "X-Team": "shop" },
        filters: { prefix: ["a-"], suffix: ["-z"], glob: [] },
      }),
    ]);
    expect(notes).toEqual([
      "App app-id, webhook 1: the event no_such_event is not imported, because Soketify does not have it",
      "App app-id, webhook 1: filter.other has no counterpart",
      expect.stringContaining("App app-id, webhook 2: it is not imported"),
      "App app-id, webhook 3: it is not imported, because none of its events exists in Soketify",
    ]);
  }
});

test.each([
  ["{", "It is not valid JSON"],
  ["[]", "It must be an object"],
  ['{"appManager": {"array": {"apps": 1}}}', "must be a list"],
  ['{"appManager": {"array": {"apps": [{"id": "a/b", "key": "k", "secret": "s"}]}}}', "an unusable id"],
  ['{"appManager": {"array": {"apps": [{"id": "a", "key": "k"}]}}}', "App a has no secret"],
])("%s is refused", (text, problem) => {
  const reading = () => {
    const soketi = readSoketiConfig(text);
    readSoketiApps(soketi.apps, soketi, 0);
  };
  expect(reading).toThrow(SoketiUnusable);
  expect(reading).toThrow(problem);
});
