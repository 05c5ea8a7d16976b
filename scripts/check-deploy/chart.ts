/** Checks of the Helm chart: lints it, renders it with each values file, and checks that it refuses values that cannot work. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandsIn, textBlocksOf } from "../docs/pages.ts";
import { assertValidOptions } from "./options.ts";
import { type Checks, helm, root, runPython } from "./tools.ts";

interface Manifest {
  readonly kind: string;
}

interface PodSpec {
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
  readonly volumes: readonly Named[];
}

interface Container {
  readonly env: readonly Variable[];
  readonly volumeMounts: readonly Named[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly port: string };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

interface Named {
  readonly name: string;
}

const chart = join(root, "deploy/helm/soketify");
const valuesFolder = join(root, "deploy/helm/values");

/** Example values of Secrets. */
const secretValues: Readonly<Record<string, string>> = {
  SOKETIFY_MASTER_KEY: Buffer.alloc(32, "k").toString("base64"),
  SOKETIFY_DATABASE_URL: "postgres://soketify:secret@postgres/soketify",
  SOKETIFY_REDIS_URL: "redis://redis:6379",
  SOKETIFY_ADMIN_TOKEN: "a-token-of-some-length-for-a-test",
};

/** The kinds of resources that the chart renders for each values file. */
const kindsOf: Readonly<Record<string, readonly string[]>> = {
  "single.yaml": ["Deployment", "PersistentVolumeClaim", "Service", "ServiceAccount"],
  "public.yaml": [
    "Deployment",
    "Ingress",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Service",
    "ServiceAccount",
  ],
  "cluster.yaml": [
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
  ],
};

const refusals: Readonly<Record<string, { readonly values: readonly string[]; readonly says: string }>> = {
  "two replicas without Redis": {
    values: ["replicas=2", "database.existingSecret=s", "masterKey.existingSecret=s"],
    says: "redis.existingSecret",
  },
  "autoscaling on SQLite": { values: ["autoscaling.enabled=true"], says: "database.existingSecret" },
  "a database without a master key": {
    values: ["database.existingSecret=s"],
    says: "masterKey.existingSecret",
  },
  "an ingress without a host": { values: ["ingress.enabled=true"], says: "ingress.host" },
};

export const chartChecks: Checks = {
  "chart: every file of values is checked": () => {
    const files = readdirSync(valuesFolder).sort().join(", ");
    const known = Object.keys(kindsOf).sort().join(", ");
    if (files !== known)
      throw new Error(`deploy/helm/values contains ${files}, but the checks expect ${known}`);
  },
  ...Object.fromEntries(
    Object.entries(kindsOf).map(([file, kinds]) => [`chart: ${file}`, () => checkValues(file, kinds)]),
  ),
  "chart: the commands of the documentation": () => {
    const blocks = textBlocksOf("docs/how-to/kubernetes.md").flatMap(({ text }) => commandsIn(text));
    const installs = blocks.filter(([program]) => program === "helm");
    if (installs.length < 2) throw new Error("the page has fewer than two commands of Helm");
    for (const [, , ...args] of installs) helm("template", ...args);
  },
  ...Object.fromEntries(
    Object.entries(refusals).map(([title, { values, says }]) => [
      `chart: refuses ${title}`,
      () => checkRefusal(values, says),
    ]),
  ),
};

function checkValues(file: string, kinds: readonly string[]): void {
  const values = join(valuesFolder, file);
  helm("lint", "--strict", "--quiet", chart, "--values", values);
  const text = helm("template", "release", chart, "--namespace", "realtime", "--values", values);
  const manifests = Bun.YAML.parse(text) as Manifest[];
  const made = manifests.map(({ kind }) => kind).sort();
  if (made.join(", ") !== [...kinds].sort().join(", "))
    throw new Error(`made ${made.join(", ")}; expected ${kinds.join(", ")}`);
  checkDeployment(manifests);
  checkSchemas(text);
}

function checkDeployment(manifests: readonly Manifest[]): void {
  const deployment = manifests.find(({ kind }) => kind === "Deployment");
  const { spec } = (deployment as Manifest & { spec: { template: { spec: PodSpec } } }).spec.template;
  if (spec.enableServiceLinks !== false) throw new Error("enableServiceLinks must be false");
  const [container] = spec.containers;
  const env = Object.fromEntries(
    container.env.map(({ name, value }) => [name, value ?? secretValues[name] ?? ""]),
  );
  assertValidOptions(env);
  // With SOKETIFY_METRICS_PORT the server answers /health on this port only.
  for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
    if (httpGet.port !== "metrics")
      throw new Error(`a probe uses the port ${httpGet.port}, but /health is on the port metrics`);
  const drainMs = Number(env.SOKETIFY_DRAIN_GRACE_MS) + Number(env.SOKETIFY_DRAIN_MS);
  if (spec.terminationGracePeriodSeconds * 1_000 < drainMs + 2_000)
    throw new Error(
      `terminationGracePeriodSeconds is ${spec.terminationGracePeriodSeconds}, a drain takes ${drainMs} ms`,
    );
  const volumes = new Set(spec.volumes.map(({ name }) => name));
  for (const { name } of container.volumeMounts)
    if (!volumes.has(name)) throw new Error(`the container mounts ${name}, but the pod has no such volume`);
}

/** Validates against the Kubernetes schemas and refuses unknown properties. ServiceMonitor has no schema there. */
function checkSchemas(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), "soketify-chart-"));
  try {
    const file = join(folder, "manifests.yaml");
    writeFileSync(file, text);
    runPython("kubernetes-validate", ["--strict", "--quiet", "--no-warn", file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkRefusal(values: readonly string[], says: string): void {
  let text: string;
  try {
    text = helm("template", "release", chart, ...values.flatMap((value) => ["--set", value]));
  } catch (error) {
    if ((error as Error).message.includes(says)) return;
    throw error;
  }
  throw new Error(`the chart must be refused, but it was rendered:\n${text}`);
}
