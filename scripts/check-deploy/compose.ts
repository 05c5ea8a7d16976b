/** Checks of deploy/compose with Compose, nginx and Prometheus. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertValidOptions } from "./options.ts";
import { type Checks, root, run } from "./tools.ts";

interface Project {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

const folder = join(root, "deploy/compose");
const monitoring = join(root, "deploy/monitoring");
const secrets = { MASTER_KEY: Buffer.alloc(32, "k").toString("base64"), POSTGRES_PASSWORD: "secret" };

export const composeChecks: Checks = {
  "compose: one node": () => checkProject("single.yaml", ["soketify"]),
  "compose: three nodes": () =>
    checkProject("cluster.yaml", [
      "grafana",
      "nginx",
      "node-1",
      "node-2",
      "node-3",
      "postgres",
      "prometheus",
      "redis",
    ]),

  "compose: nginx accepts its configuration": () => {
    const temporary = mkdtempSync(join(tmpdir(), "soketify-nginx-"));
    try {
      // nginx resolves host names when it reads the file.
      const text = readFileSync(join(folder, "nginx.conf"), "utf8").replace(/\bnode-\d:/g, "127.0.0.1:");
      const own = `pid ${temporary}/pid;\nerror_log ${temporary}/error.log;\n`;
      writeFileSync(join(temporary, "nginx.conf"), own + text);
      run("nginx", ["-t", "-q", "-e", join(temporary, "error.log"), "-c", join(temporary, "nginx.conf")]);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },

  "compose: Prometheus accepts its configuration and the alerts": () => {
    const temporary = mkdtempSync(join(tmpdir(), "soketify-prometheus-"));
    try {
      // In one folder, as Compose mounts them.
      copyFileSync(join(folder, "prometheus.yaml"), join(temporary, "prometheus.yaml"));
      copyFileSync(join(monitoring, "alerts.yaml"), join(temporary, "alerts.yaml"));
      run("promtool", ["check", "config", join(temporary, "prometheus.yaml")]);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },

  "alerts: each fires for its test series, and for no healthy series": () => {
    run("promtool", ["test", "rules", join(monitoring, "alerts.test.yaml")]);
  },
};

/** Checks that Compose accepts the file and finds these services, that the files it mounts exist, and that the server accepts its variables. */
function checkProject(file: string, services: readonly string[]): void {
  const text = run("docker-compose", ["-f", join(folder, file), "config"], secrets);
  const project = Bun.YAML.parse(text) as Project;
  const found = Object.keys(project.services).sort().join(", ");
  if (found !== services.join(", ")) throw new Error(`${file} has the services ${found}`);
  const nodes = Object.values(project.services).filter(({ image }) => image === "soketify");
  if (nodes.length === 0) throw new Error(`${file} has no service with the image soketify`);
  for (const { environment = {} } of nodes) assertValidOptions(environment);
  for (const [name, { volumes = [] }] of Object.entries(project.services)) {
    for (const volume of volumes) {
      const source = volume.split(":")[0] ?? "";
      if (source.startsWith("/") && !existsSync(source))
        throw new Error(`${name} mounts ${source}, which does not exist`);
    }
  }
}
