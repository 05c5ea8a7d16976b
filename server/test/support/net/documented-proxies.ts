/** HAProxy and Caddy in front of servers, with exactly the configuration that docs/how-to/behind-a-proxy.md shows. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./make-certificate.ts";
import { type RunningProxy, runProxy } from "./run-proxy.ts";

const snippets = join(import.meta.dir, "../../../../docs/snippets/proxies");

/** @param port of HAProxy, which answers at `https://localhost` */
export function startHaproxy(port: number, serverPort: number): Promise<RunningProxy> {
  return run(`https://localhost:${port}`, (folder) => {
    const { certificate, key } = makeCertificate(folder, "localhost");
    const pem = join(folder, "both.pem");
    writeFileSync(pem, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
    const config = given("haproxy.cfg")
      .replace(":443", `127.0.0.1:${port}`)
      .replace("/etc/haproxy/ws.example.com.pem", pem)
      .replace("6001", String(serverPort));
    return haproxy(folder, config);
  });
}

/** In front of several nodes, and without TLS. */
export function startHaproxyBalancer(port: number, nodePorts: readonly number[]): Promise<RunningProxy> {
  return run(`http://127.0.0.1:${port}`, (folder) => {
    const config = given("haproxy.cfg")
      .replace(/bind .*/, `bind 127.0.0.1:${port}`)
      .replace(/^ *server .*$/m, (line) =>
        nodePorts
          .map((one, index) => line.replace("node-1", `node-${index + 1}`).replace("6001", String(one)))
          .join("\n"),
      );
    return haproxy(folder, config);
  });
}

/** HAProxy and Caddy wait for open connections on SIGTERM. */
function run(url: string, commandIn: (folder: string) => readonly string[]): Promise<RunningProxy> {
  return runProxy(url, commandIn, "SIGKILL");
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
    const config = given("Caddyfile")
      .replace("ws.example.com {", `https://localhost:${port} {\n  tls ${certificate} ${key}`)
      .replace("6001", String(serverPort));
    const file = join(folder, "Caddyfile");
    // Disables its own API on a fixed port, and the redirect from port 80.
    writeFileSync(file, `{\n  admin off\n  auto_https disable_redirects\n}\n${config}`);
    return ["caddy", "run", "--config", file, "--adapter", "caddyfile"];
  });
}

function given(file: string): string {
  return readFileSync(join(snippets, file), "utf8");
}
