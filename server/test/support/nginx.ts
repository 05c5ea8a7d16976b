/** nginx with TLS before a server, set up word for word as docs/how-to/behind-a-proxy.md says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./make-certificate.ts";
import { until } from "./until.ts";

const docs = join(import.meta.dir, "../../../docs/how-to");
const site = nginxPartOf("behind-a-proxy.md");
const certificateLines = /^ *ssl_certificate.*\n/gm;

export interface Nginx {
  remove(): Promise<void>;
}

/**
 * @param port of nginx, on which `localhost` answers
 * @param serverPort of the server behind it
 * @param pathPrefix of that server, such as `/realtime`
 */
export async function startNginx(port: number, serverPort: number, pathPrefix = ""): Promise<Nginx> {
  return run(`https://localhost:${port}${pathPrefix}`, (folder) => {
    const { certificate, key } = makeCertificate(folder, "localhost");
    return site
      .replace("443", `127.0.0.1:${port}`)
      .replace("/etc/ssl/ws.example.com/fullchain.pem", certificate)
      .replace("/etc/ssl/ws.example.com/privkey.pem", key)
      .replace("location / {", `location ${pathPrefix}/ {`)
      .replace("6001", String(serverPort));
  });
}

/** Before several nodes, as docs/how-to/cluster.md says, and without TLS. */
export async function startNginxBalancer(port: number, nodePorts: readonly number[]): Promise<Nginx> {
  const [server = ""] = /^ *server .*\n/m.exec(nginxPartOf("cluster.md")) ?? [];
  const servers = nodePorts.map((one) => server.replace(/\S+:6001/, `127.0.0.1:${one}`));
  const upstream = `upstream soketify { ${servers.join("")} }`;
  const plain = site
    .replace("443 ssl", `127.0.0.1:${port}`)
    .replace(certificateLines, "")
    .replace("http://127.0.0.1:6001", "http://soketify");
  return run(`http://localhost:${port}`, () => `${upstream}\n${plain}`);
}

function nginxPartOf(file: string): string {
  return /```nginx\n(.*?)```/s.exec(readFileSync(join(docs, file), "utf8"))?.[1] ?? "";
}

/** @param siteIn what stands in `http`; files that it needs go into the folder */
async function run(url: string, siteIn: (folder: string) => string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-nginx-"));
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
  const http = `access_log off; ${places.join(" ")} ${siteIn(folder)}`;
  writeFileSync(join(folder, "nginx.conf"), `${main} http { ${http} }`);
  const nginx = Bun.spawn(["nginx", "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until("an answer through nginx", async () => {
    const answer = await fetch(`${url}/health/ready`, {
      tls: { rejectUnauthorized: false },
    }).catch(() => null);
    return answer?.status === 200;
  });
  return {
    async remove() {
      nginx.kill("SIGQUIT");
      await nginx.exited;
      rmSync(folder, { recursive: true });
    },
  };
}
