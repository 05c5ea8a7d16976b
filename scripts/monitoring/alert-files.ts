/** The files that are generated from the alerts: Prometheus rules, their tests for promtool, and the runbooks page. */
import { type Alert, alerts } from "./alerts.ts";

const madeFrom = "# Written by `npm run docs` from scripts/monitoring/alerts.ts: change it there.\n";

export function alertRules(): string {
  const rules = alerts.map(({ name, expr, minutes, severity, summary }) => ({
    alert: name,
    expr,
    for: `${minutes}m`,
    labels: { severity },
    annotations: { summary, runbook: `docs/how-to/runbooks.md#${name.toLowerCase()}` },
  }));
  return `${madeFrom}${Bun.YAML.stringify({ groups: [{ name: "soketify", rules }] }, null, 2)}\n`;
}

/** Input of `promtool test rules`: each alert fires for its series `firing`, and does not fire for its series `quiet`. */
export function alertTests(): string {
  const tests = alerts.flatMap((alert) => [
    testOf(alert, alert.firing, true),
    testOf(alert, alert.quiet, false),
  ]);
  return `${madeFrom}${Bun.YAML.stringify({ rule_files: ["alerts.yaml"], tests }, null, 2)}\n`;
}

function testOf(
  { name, minutes, triedAtMinute = minutes + 6 }: Alert,
  series: Alert["firing"],
  isFiring: boolean,
) {
  return {
    name: `${name} ${isFiring ? "fires" : "is quiet"}`,
    interval: "1m",
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${name}", alertstate="firing"}) > bool 0 or vector(0)`,
        eval_time: `${triedAtMinute}m`,
        exp_samples: [{ labels: "{}", value: isFiring ? 1 : 0 }],
      },
    ],
  };
}

/** The summary with `a node` for the name of the node, and a capital letter at the start. */
function sentenceOf(summary: string): string {
  const text = summary.replaceAll("{{ $labels.instance }}", "a node");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function runbooksPage(): string {
  const chapters = alerts.map(
    ({ name, expr, minutes, severity, summary, runbook }) => `## ${name}

${sentenceOf(summary)} (${severity}).

\`\`\`promql
${expr}
\`\`\`

${minutes === 0 ? "It fires immediately." : `It fires after ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`} ${runbook}
`,
  );
  return `# Runbooks

<!-- Written by \`npm run docs\` from scripts/monitoring/alerts.ts: change it there. -->

This page explains each alert of \`deploy/monitoring/alerts.yaml\` and how to respond to it. The alerts require that Prometheus reads the server's metrics
under the job name \`soketify\`, as in \`deploy/compose/prometheus.yaml\`.

${chapters.join("\n")}`;
}
