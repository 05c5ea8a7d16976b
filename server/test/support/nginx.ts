/** nginx with TLS before a server, set up word for word as docs/moving.md says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./make-certificate.ts";
import { until } from "./until.ts";

const guide = readFileSync(join(import.meta.dir, "../../../docs/moving.md"), "utf8");

export interface Nginx {
  remove(): Promise<void>;
}

/**
 * @param port of nginx, on which `localhost` answers
 * @param serverPort of the server behind it
 * @param pathPrefix of that server, such as `/realtime`
 */
export async function startNginx(port: number, serverPort: number, pathPrefix = ""): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-nginx-"));
  const { certificate, key } = makeCertificate(folder, "localhost");
  const site = (/```nginx\n(.*?)```/s.exec(guide)?.[1] ?? "")
    .replace("443", `127.0.0.1:${port}`)
    .replace("/etc/ssl/ws.example.com/fullchain.pem", certificate)
    .replace("/etc/ssl/ws.example.com/privkey.pem", key)
    .replace("location / {", `location ${pathPrefix}/ {`)
    .replace("6001", String(serverPort));
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
  writeFileSync(join(folder, "nginx.conf"), `${main} http { access_log off; ${places.join(" ")} ${site} }`);
  const nginx = Bun.spawn(["nginx", "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until("an answer through nginx", async () => {
    const answer = await fetch(`https://localhost:${port}${pathPrefix}/health/ready`, {
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
