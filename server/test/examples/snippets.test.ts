/** The small parts of the documentation that are not whole programs, from docs/snippets: each does what its page says. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Pusher from "pusher";
import PusherJs from "pusher-js";
import { Webhook } from "standardwebhooks";
import { loadConfig } from "../../src/config/load-config.ts";
import { readOtlpSettings } from "../../src/telemetry/otlp-settings.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { examples, startExample } from "../support/start-example.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const stage = useServer();
const folder = join(examples, "../docs/snippets");

type MakeClient = { readonly connect: (made: unknown) => PusherJs };

function text(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

function json(file: string): Record<string, unknown> {
  return JSON.parse(text(file)) as Record<string, unknown>;
}

function variables(file: string): Record<string, string> {
  return Object.fromEntries(
    [...text(file).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}

function optionsOf(env: Readonly<Record<string, string>>, configPath?: string) {
  const machine = { env, descriptorsMax: 65_536, memoryBytes: 2 ** 30 };
  return loadConfig({ flags: {}, machine, folder, configPath }).config;
}

/** pusher-js with the options of the snippet and the address of the server. */
async function clientOf(file: string, options: object = {}): Promise<PusherJs> {
  const { connect } = (await import(join(folder, file))) as MakeClient;
  const { host, port, app } = stage.server;
  const ours = { wsHost: host, wsPort: port, httpHost: host, httpPort: port, forceTLS: false, ...options };
  class LocalPusher extends PusherJs {
    constructor(_key: string, given: ConstructorParameters<typeof PusherJs>[1]) {
      super(app.key, { ...given, ...ours });
    }
  }
  return connect(LocalPusher);
}

test("the client that moved from Pusher connects with its options", async () => {
  const client = await clientOf("clients/moved.js");
  await subscribe(client, "news");
  client.disconnect();
});

test("the client that authorizes channels asks its endpoints", async () => {
  const backend = await startExample(stage.server, "auth-express", "node", "server.js");
  const { connect } = (await import(join(folder, "clients/authorizing.js"))) as MakeClient;
  let given: Record<string, { endpoint: string }> = {};
  connect(function record(_key: string, options: typeof given) {
    given = options;
  });
  const client = await clientOf(
    "clients/authorizing.js",
    Object.fromEntries(
      ["channelAuthorization", "userAuthentication"].map((name) => [
        name,
        {
          ...given[name],
          endpoint: `${backend.url}${given[name]?.endpoint}`,
          headers: { Authorization: "Bearer token-of-ada" },
        },
      ]),
    ),
  );
  const { answer } = await subscribe(client, "presence-room");
  expect(answer).toMatchObject({ count: 1 });
  const signedIn = new Promise((resolve) => client.bind("pusher:signin_success", resolve));
  client.signin();
  await signedIn;
  client.disconnect();
  await backend.stop();
});

test("the client that recovers reloads the page if it missed events", async () => {
  const { start } = await import(join(folder, "clients/recovering.js"));
  let reloads = 0;
  const location = { reload: () => reloads++ };
  const recover = (_: unknown, options: { onMissed: () => void }) => options.onMissed();
  start(recover, {}, location);
  expect(reloads).toBe(1);
});

test("the receiver of a webhook accepts a signed request, and rejects another", async () => {
  process.env.SOKETIFY_APP_SECRET = "the-secret";
  const { verify } = await import(join(folder, "webhooks/verify.js"));
  const at = new Date();
  const signature = new Webhook("the-secret", { format: "raw" }).sign("m1", at, "{}");
  const headers = {
    "webhook-id": "m1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": signature,
  };
  expect(() => verify("{}", headers)).not.toThrow();
  expect(() => verify("[]", headers)).toThrow();
  delete process.env.SOKETIFY_APP_SECRET;
});

test("the server accepts the configuration of a webhook", () => {
  const app = { SOKETIFY_APP_ID: "1", SOKETIFY_APP_KEY: "key", SOKETIFY_APP_SECRET: "secret-of-the-app" };
  const { webhooks } = optionsOf(app, join(folder, "webhooks/soketify.config.json"));
  expect(webhooks).toMatchObject(json("webhooks/soketify.config.json").webhooks as object[]);
});

test("the server accepts the variables for a proxy and for TLS", () => {
  expect(optionsOf(variables("env/behind-a-proxy.env"))).toMatchObject({
    host: "127.0.0.1",
    trustedProxies: ["127.0.0.1"],
    publicUrl: "https://ws.example.com",
  });
  expect(optionsOf(variables("env/tls.env"))).toMatchObject({ port: 443, hstsMaxAgeS: 31_536_000 });
});

test("the variables of OpenTelemetry send a tenth of the traces, and metrics", () => {
  const problems: string[] = [];
  const { traces, metrics } = readOtlpSettings(variables("env/opentelemetry.env"), problems);
  expect(problems).toEqual([]);
  expect(traces?.url).toBe("http://collector:4318/v1/traces");
  expect(metrics?.url).toBe("http://collector:4318/v1/metrics");
});

test("Laravel's configuration publishes to the host of the variables", () => {
  const env = { PATH: process.env.PATH, ...variables("env/laravel-pusher.env") };
  const { stdout } = spawnSync("php", ["check.php"], {
    cwd: join(examples, "laravel"),
    env,
    encoding: "utf8",
  });
  const { options } = JSON.parse(stdout) as { options: object };
  expect(options).toMatchObject({ host: "ws.example.com", useTLS: true, scheme: "https" });
});

test("Traefik's configuration routes to the service that it defines, on the server's default port", () => {
  const { http } = Bun.YAML.parse(text("proxies/traefik.yaml")) as {
    http: { routers: Record<string, { service: string }>; services: Record<string, object> };
  };
  expect(Object.values(http.routers).map(({ service }) => service)).toEqual(Object.keys(http.services));
  const loadBalancer = { servers: [{ url: `http://127.0.0.1:${optionsOf({}).port}` }] };
  expect(Object.values(http.services)).toMatchObject([{ loadBalancer }]);
});

test("a backend answers with the formats that the page shows", () => {
  const sdk = new Pusher({ appId: "1", key: "APP_KEY", secret: "secret", cluster: "default" });
  const answer = (...of: Parameters<Pusher["authorizeChannel"]>): Record<string, unknown> => {
    const { auth, ...others } = sdk.authorizeChannel(...of);
    return { auth: auth.replace(/:[0-9a-f]{64}$/, ":SIGNATURE"), ...others };
  };
  expect(answer("1.2", "private-a")).toEqual(json("answers/private.json"));
  const member = { user_id: "ada", user_info: { name: "Ada" } };
  expect(answer("1.2", "presence-a", member)).toEqual(json("answers/presence.json"));
});

test("the server's first message is the one of the page, with another socket id", async () => {
  using client = await RawClient.open(stage.server.webSocketUrl());
  const first = await client.next();
  const data = JSON.parse(first.data as string) as { socket_id: string };
  const shown = json("answers/hello.json");
  expect({ ...first, data: { ...data, socket_id: "1.2" } }).toEqual({
    ...(shown as { event: string }),
    data: JSON.parse(shown.data as string),
  });
});

test("a line of the log has the fields of the page", () => {
  const shown = json("answers/log-line.json");
  const source = join(examples, "../server/src");
  const program = `
    import { createLog } from "${source}/cli/create-log.ts";
    import { inRequestContext, noteRoute } from "${source}/net/request-context.ts";
    const log = createLog({ logLevel: "info", nodeName: null, logFormat: "json", environment: "production" });
    await inRequestContext(new Request("http://localhost"), () => {
      noteRoute("/apps", "100001");
      log.error({ err: new Error("broken"), help: ${JSON.stringify(shown.help)} }, ${JSON.stringify(shown.msg)});
      return new Response();
    });`;
  const { stdout } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  const line = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(line)).toEqual(Object.keys(shown));
  expect(Object.keys(line.err as object)).toEqual(Object.keys(shown.err as object));
  expect([line.level, line.appId]).toEqual([shown.level, shown.appId]);
  expect(readFileSync(join(source, "composition/server.ts"), "utf8")).toContain(`"${shown.msg}"`);
});

test("each folder of snippets is known here", () => {
  expect(readdirSync(folder).toSorted()).toEqual(["answers", "clients", "env", "proxies", "webhooks"]);
});
