/** HAProxy and Caddy in front of servers, with exactly the configuration in docs/how-to/behind-a-proxy.md. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";
import { makeCertificate } from "./make-certificate.ts";

const page = readFileSync(join(import.meta.dir, "../../../../docs/how-to/behind-a-proxy.md"), "utf8");

export interface RunningProxy {
  remove(): Promise<void>;
}

/** @param port of HAProxy, which answers at `https://localhost` */
export function startHaproxy(port: number, serverPort: number): Promise<RunningProxy> {
  return run(`https://localhost:${port}`, (folder) => {
    const { certificate, key } = makeCertificate(folder, "localhost");
    const pem = join(folder, "both.pem");
    writeFileSync(pem, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
    const config = configIn("haproxy")
      .replace(":443", `127.0.0.1:${port}`)
      .replace("/etc/haproxy/ws.example.com.pem", pem)
      .replace("6001", String(serverPort));
    return haproxy(folder, config);
  });
}

/** In front of several nodes, and without TLS. */
export function startHaproxyBalancer(port: number, nodePorts: readonly number[]): Promise<RunningProxy> {
  return run(`http://127.0.0.1:${port}`, (folder) => {
    const config = configIn("haproxy")
      .replace(/bind .*/, `bind 127.0.0.1:${port}`)
      .replace(/^ *server .*$/m, (line) =>
        nodePorts
          .map((one, index) => line.replace("node-1", `node-${index + 1}`).replace("6001", String(one)))
          .join("\n"),
      );
    return haproxy(folder, config);
  });
}

function haproxy(folder: string, config: string): string[] {
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, config);
  return ["haproxy", "-db", "-f", file];
}

/** @param port of Caddy, which answers at `https://localhost` */
export function startCaddy(port: number, serverPort: number): Promise<RunningProxy> {
  return run(`https://localhost:${port}`, (folder) => {
    const { certificate, key } = makeCertificate(folder, "localhost");
    const config = configIn("caddyfile")
      .replace("ws.example.com {", `https://localhost:${port} {\n  tls ${certificate} ${key}`)
      .replace("6001", String(serverPort));
    const file = join(folder, "Caddyfile");
    // Disables its own API on a fixed port, and the redirect from port 80.
    writeFileSync(file, `{\n  admin off\n  auto_https disable_redirects\n}\n${config}`);
    return ["caddy", "run", "--config", file, "--adapter", "caddyfile"];
  });
}

function configIn(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page)?.[1] ?? "";
}

/** @param commandIn writes the proxy's files into the folder, and returns its command line */
async function run(url: string, commandIn: (folder: string) => string[]): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-proxy-"));
  const env = { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder };
  const proxy = Bun.spawn(commandIn(folder), { env, stdio: ["ignore", "ignore", "ignore"] });
  await until("an answer through the proxy", async () => {
    const options = { tls: { rejectUnauthorized: false } };
    const answer = await fetch(`${url}/health/ready`, options).catch(() => null);
    return answer?.status === 200;
  });
  return {
    async remove() {
      proxy.kill("SIGKILL");
      await proxy.exited;
      rmSync(folder, { recursive: true });
    },
  };
}
