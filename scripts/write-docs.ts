/** Writes the pages and the monitoring files that are generated from the code. A test checks that they are up to date. */
import { fileURLToPath } from "node:url";
import { optionsTable } from "../server/src/config/describe-config.ts";
import { adminApiPage } from "./docs/admin-api-page.ts";
import { adminClientTypes } from "./docs/admin-client-types.ts";
import { commandsPage } from "./docs/commands-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { metricsPage } from "./docs/metrics-page.ts";
import { alertRules, alertTests, runbooksPage } from "./monitoring/alert-files.ts";
import { grafanaDashboard } from "./monitoring/grafana-dashboard.ts";

export interface WrittenPage {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export async function writtenPages(): Promise<WrittenPage[]> {
  return [
    page("configuration", configurationPage()),
    page("commands", commandsPage()),
    page("admin-api", adminApiPage()),
    page("errors", errorsPage()),
    page("metrics", await metricsPage()),
    file("packages/admin/src/endpoints.ts", adminClientTypes()),
    file("docs/how-to/runbooks.md", runbooksPage()),
    file("deploy/monitoring/alerts.yaml", alertRules()),
    file("deploy/monitoring/alerts.test.yaml", alertTests()),
    file("deploy/monitoring/grafana-dashboard.json", grafanaDashboard()),
  ];
}

function page(name: string, text: string): WrittenPage {
  return { ...file(`docs/reference/${name}.md`, text), name };
}

function file(path: string, text: string): WrittenPage {
  return { name: path, path: fileURLToPath(new URL(`../${path}`, import.meta.url)), text };
}

function configurationPage(): string {
  return `# Configuration

Every option has a flag, an environment variable and a key in an optional config file. A flag overrides the environment variable, the
variable overrides the file, and the file overrides the default. \`soketify config\` prints the effective values and the source of each
value, with masked secrets.

- **Config file**: \`--config PATH\` or \`SOKETIFY_CONFIG\`; otherwise \`soketify.config.json\`, \`.yaml\`, \`.yml\` or \`.toml\`
  in the working folder.
- **An empty environment variable counts as unset.** Lists are separated by commas; in the file they are lists.
- **In Kubernetes**, a Service whose name begins with \`soketify\` sets variables such as \`SOKETIFY_SERVICE_HOST\` and
  \`SOKETIFY_PORT=tcp://…\` in every pod. The server ignores them, and logs this once. To disable them, set \`enableServiceLinks: false\` in the
  pod's spec.
- **Secrets cannot be given as flags**, because every user of the machine can list the flags of a process. Each secret has a variable and a key in the
  config file. It can also be in a separate file, which a flag or a variable names: \`--app-secret-file\`, \`SOKETIFY_APP_SECRET_FILE\`. \`-\` is
  standard input.
- **A text option in the file may be written as a whole number**, such as \`appId: 4242\`. Quote numbers greater than 2^53.
- **After a mistake, the server does not start.** The exit code is 2, and the message names the mistake: an unknown flag, key or \`SOKETIFY_*\`
  variable, a wrong value, or a file that cannot be read.
- **These options must be set together**: \`appId\`, \`appKey\` and \`appSecret\`; \`tlsCertFile\` and \`tlsKeyFile\`; \`adminEmail\` and
  \`adminPassword\`.
- **With \`dashboardPort\`**, the dashboard and the admin API (\`/dashboard\`, \`/api\`) are only on that port, with the same \`pathPrefix\`
  and certificate. Commands on this machine find the port. On other machines, set \`--url\` or \`SOKETIFY_URL\`. The page's playground connects to the
  main port, so browsers must be able to reach that port too. Behind a proxy, \`publicUrl\` is the URL for clients, and \`dashboardUrl\` the URL
  for people.
- **Variables of soketi**: the server also reads \`SOKETI_DEFAULT_APP_ID\`, \`SOKETI_DEFAULT_APP_KEY\`, \`SOKETI_DEFAULT_APP_SECRET\`,
  \`SOKETI_HOST\` and \`SOKETI_PORT\`, and logs a note.
- **Signals**: SIGTERM and SIGINT drain the server. A second signal stops it immediately. SIGHUP reloads the certificate.

<!-- Written by \`npm run docs\` from server/src/config/config.ts: change it there. -->

${optionsTable()}`;
}

if (import.meta.main) for (const { path, text } of await writtenPages()) await Bun.write(path, text);
