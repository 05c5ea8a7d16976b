/** `soketify doctor`: finds problems that prevent the server from starting or being reached, and says how to fix them. */
import { Command } from "commander";
import type { Config } from "../../config/config.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { allApps } from "../find-app.ts";
import { localAdmin } from "../local-admin.ts";
import { print, printJson } from "../print.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";
import { WrongUse } from "../wrong-use.ts";
import { checks } from "./doctor-checks.ts";
import { type PublicProbe, publicChecks } from "./doctor-public.ts";
import type { Check, Finding } from "./finding.ts";

interface DoctorFlags {
  readonly json?: true;
  readonly url?: string;
  readonly key?: string;
  readonly idle: string;
}

export function doctorCommand(): Command {
  const command = withExample(new Command("doctor"), "doctor --url https://ws.example.com")
    .description(
      "Check configuration, port, database, master key, Redis, clock, webhooks and limits, and with --url the connection through the proxy; say how to fix problems",
    )
    .option("--url <url>", "URL that clients use, to check proxy, TLS, client address and idle timeouts")
    .option("--key <key>", "With --url: key of an app; default: an app of the server on this machine")
    .option("--idle <seconds>", "With --url: how long a silent connection must stay open", "70")
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(async () => {
    const { config } = configOf(command);
    const flags = command.opts<DoctorFlags>();
    const probe = await probeOf(flags, config);
    const findings: Finding[] = [{ check: "configuration", isWell: true, detail: "all values are valid" }];
    const all = { ...checks, ...(probe === null ? {} : publicChecks(probe)) };
    for (const [check, runCheck] of Object.entries<Check>(all)) {
      const seen = await runCheck(config).catch((error: Error) => ({
        isWell: false,
        detail: error.message,
        fix: "Fix the problem that the message describes, then run this again.",
      }));
      findings.push({ check, ...seen });
    }
    if (flags.json) printJson(findings);
    else await print(findings.map(lineOf).join(""));
    const failed = findings.filter(({ isWell }) => !isWell).length;
    if (failed > 0) throw new Refused(failed === 1 ? "1 check failed" : `${failed} checks failed`);
  });
}

/** Null without `--url`. @throws WrongUse */
async function probeOf({ url: given, key, idle }: DoctorFlags, config: Config): Promise<PublicProbe | null> {
  if (given === undefined) return null;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new WrongUse(`--url must be a URL such as https://ws.example.com. "${given}" is not.`);
  const idleMs = Number(idle) * 1_000;
  if (!(idleMs >= 1_000 && idleMs <= 3_600_000))
    throw new WrongUse(`--idle must be a number of seconds from 1 to 3600. "${idle}" is not.`);
  const admin = localAdmin(config);
  const apps = admin === null ? [] : await allApps(admin, key);
  const app =
    key === undefined ? apps.find(({ isEnabled }) => isEnabled) : apps.find((one) => one.key === key);
  return {
    url,
    idleMs,
    config,
    appKey: key ?? app?.key ?? config.appKey,
    server: admin === null || app === undefined ? null : { admin, appId: app.id },
  };
}

function lineOf({ check, isWell, detail, fix }: Finding): string {
  const line = `${isWell ? "ok  " : "FAIL"}  ${check.padEnd(14)} ${detail}\n`;
  return fix === undefined ? line : `${line}      ${"".padEnd(14)} → ${fix}\n`;
}
