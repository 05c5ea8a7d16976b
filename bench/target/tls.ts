/** Soketify with TLS: in its own process, and with Debian's nginx in front. Both use the same kind of certificate. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CertificateFiles, makeCertificate } from "../../server/test/support/net/make-certificate.ts";
import { installPackages } from "./install.ts";
import { type StartTarget, start, startSoketify } from "./target.ts";

const systemPaths = { PATH: `${process.env.PATH}:/usr/sbin` };

export const startSoketifyWithTls: StartTarget = async () => {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "soketify-bench-tls-"));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { certificate, key } = makeCertificate(folder, "localhost");
  const target = await startSoketify({ SOKETIFY_TLS_CERT_FILE: certificate, SOKETIFY_TLS_KEY_FILE: key });
  const running = started.move();
  const stop: typeof target.stop = async (signal) => {
    await target.stop(signal);
    await running.disposeAsync();
  };
  return { ...target, name: "soketify, TLS", isTls: true, stop };
};

/** @throws if nginx is not installed and cannot be installed, or does not start; then nothing is left running */
export const startNginxWithTls: StartTarget = async () => {
  if (Bun.which("nginx", systemPaths) === null) installPackages("nginx-light");
  const program = Bun.which("nginx", systemPaths);
  if (program === null) throw new Error("the TLS load requires nginx; install it");
  await using started = new AsyncDisposableStack();
  const server = await startSoketify({ SOKETIFY_TRUSTED_PROXIES: "127.0.0.1" });
  started.defer(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), "soketify-bench-nginx-"));
  const file = join(folder, "nginx.conf");
  const command = [program, "-e", join(folder, "error.log"), "-c", file, "-g", "daemon off;"];
  const proxy = await start("nginx", command, folder, (port) => {
    writeFileSync(file, nginxConfig(folder, makeCertificate(folder, "localhost"), port, server.port));
    return {};
  });
  started.move();
  return {
    ...server,
    name: "soketify, nginx with TLS",
    port: proxy.port,
    proxyPid: proxy.pid,
    isTls: true,
    async stop(signal) {
      await proxy.stop("SIGTERM");
      await server.stop(signal);
    },
    restart: () => Promise.reject(new Error("a server behind nginx is not restarted")),
  };
};

/** The configuration of docs/how-to/behind-a-proxy.md, but with one worker, because the servers have one core, and with TLS 1.3, like Soketify. */
function nginxConfig(
  folder: string,
  { certificate, key }: CertificateFiles,
  port: number,
  serverPort: number,
) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
worker_processes 1; worker_rlimit_nofile 20000; pid ${folder}/pid;
events { worker_connections 10000; }
http {
  access_log off; ${temporary.join(" ")}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream soketify { server 127.0.0.1:${serverPort}; keepalive 16; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://soketify;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
    }
  }
}
`;
}
