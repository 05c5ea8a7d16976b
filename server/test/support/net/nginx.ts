/** nginx in front of servers, with exactly the configuration of the documentation or the compose file. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./make-certificate.ts";
import { type RunningProxy, runProxy } from "./run-proxy.ts";

const root = join(import.meta.dir, "../../../..");
const site = given("docs/snippets/proxies/nginx.conf");
const certificateLines = /^ *ssl_certificate.*\n/gm;

/**
 * @param port of nginx, on which `localhost` answers
 * @param serverPort of the server behind it
 * @param pathPrefix of that server, such as `/realtime`
 */
export async function startNginx(port: number, serverPort: number, pathPrefix = ""): Promise<RunningProxy> {
  return run(`https://localhost:${port}${pathPrefix}`, (folder) => {
    const { certificate, key } = makeCertificate(folder, "localhost");
    const server = site
      .replace("443", `127.0.0.1:${port}`)
      .replace("/etc/ssl/ws.example.com/fullchain.pem", certificate)
      .replace("/etc/ssl/ws.example.com/privkey.pem", key)
      .replace("location / {", `location ${pathPrefix}/ {`)
      .replace("6001", String(serverPort));
    return `events {} http { ${server} }`;
  });
}

/**
 * Before several nodes, as docs/how-to/cluster.md says, and without TLS.
 * @param buffers leaves out that nginx should not buffer answers
 */
export async function startNginxBalancer(
  port: number,
  nodePorts: readonly number[],
  { buffers = false } = {},
): Promise<RunningProxy> {
  const [server = ""] = /^ *server .*\n/m.exec(given("docs/snippets/proxies/nginx-nodes.conf")) ?? [];
  const servers = nodePorts.map((one) => server.replace(/\S+:6001/, `127.0.0.1:${one}`));
  const upstream = `upstream soketify { ${servers.join("")} }`;
  const plain = site
    .replace("443 ssl", `127.0.0.1:${port}`)
    .replace(certificateLines, "")
    .replace("http://127.0.0.1:6001", "http://soketify")
    .replace("proxy_buffering off;", buffers ? "" : "proxy_buffering off;");
  return run(`http://localhost:${port}`, () => `events {} http { ${upstream}\n${plain} }`);
}

/** In front of three nodes, with the file of deploy/compose. */
export async function startComposeNginx(port: number, nodePorts: readonly number[]): Promise<RunningProxy> {
  const config = nodePorts.reduce(
    (text, nodePort, index) => text.replace(`node-${index + 1}:6001`, `127.0.0.1:${nodePort}`),
    given("deploy/compose/nginx.conf").replace("listen 80;", `listen 127.0.0.1:${port};`),
  );
  return run(`http://localhost:${port}`, () => config);
}

/**
 * A proxy that is configured wrongly: without TLS, and only with these directives for the server.
 * @param directives of `location /`, such as `proxy_read_timeout 5s;`
 */
export async function startWrongNginx(
  port: number,
  serverPort: number,
  directives: string,
): Promise<RunningProxy> {
  const location = `location / { proxy_pass http://127.0.0.1:${serverPort}; ${directives} }`;
  const config = `events {} http { server { listen 127.0.0.1:${port}; ${location} } }`;
  return run(`http://localhost:${port}`, () => config);
}

function given(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** @param configIn returns the configuration; it may write files into the folder */
function run(url: string, configIn: (folder: string) => string): Promise<RunningProxy> {
  const commandIn = (folder: string) => {
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configIn(folder).replace("http {", `http { access_log off; ${paths.join(" ")}`));
    const errors = join(folder, "error.log");
    return ["nginx", "-e", errors, "-c", file, "-g", `daemon off; pid ${folder}/pid; error_log ${errors};`];
  };
  // SIGQUIT would wait for open WebSockets, and SIGKILL would leave the workers.
  return runProxy(url, commandIn, "SIGTERM");
}
