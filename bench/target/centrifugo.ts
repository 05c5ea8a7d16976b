/** Centrifugo, built from the Go module proxy. Its clients speak its own JSON protocol; its API checks a key and no signature. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Dialect, type StartTarget, start } from "./target.ts";

export const centrifugoVersion = "v6.9.1";
const apiKey = "bench-key-not-secret";
const folder = resolve(import.meta.dir, "../peers/.build", centrifugoVersion);

export const centrifugoDialect: Dialect = {
  subscriberFlags: ["-DCENTRIFUGO"],
  publish(channel, data) {
    const body = JSON.stringify({ channel, data });
    return (
      `POST /api/publish HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: ${apiKey}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    );
  },
};

/** Builds it, which takes minutes the first time; null if Go is not installed. @throws if the build fails */
export function buildCentrifugo(): StartTarget | null {
  if (Bun.which("go") === null) return null;
  const program = join(folder, "centrifugo");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const { success, stderr } = Bun.spawnSync(
      ["go", "install", `github.com/centrifugal/centrifugo/v6@${centrifugoVersion}`],
      { env: { ...process.env, GOBIN: folder } },
    );
    if (!success) throw new Error(`Centrifugo ${centrifugoVersion} does not build:\n${stderr}`);
  }
  return async () => {
    const home = mkdtempSync(join(tmpdir(), "soketify-bench-"));
    const config = join(home, "config.json");
    writeFileSync(
      config,
      JSON.stringify({
        client: { insecure: true, allow_anonymous_connect_without_token: true },
        channel: {
          without_namespace: { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true },
        },
        http_api: { key: apiKey },
        log: { level: "error" },
      }),
    );
    // One thread, because the server has one core: with more, Go's threads would take turns on it.
    const environmentFor = (port: number) => ({
      CENTRIFUGO_HTTP_SERVER_ADDRESS: "127.0.0.1",
      CENTRIFUGO_HTTP_SERVER_PORT: String(port),
      GOMAXPROCS: "1",
    });
    const target = await start("Centrifugo", [program, "-c", config], home, environmentFor);
    return { ...target, dialect: centrifugoDialect };
  };
}
