/** `soketify doctor`: finds problems that prevent the server from starting or being reached, and says how to fix them. */
import { Command } from "commander";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { print, printJson } from "../print.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";
import { checks, type Finding } from "./doctor-checks.ts";

export function doctorCommand(): Command {
  const command = withExample(new Command("doctor"), "doctor --data-dir ./data")
    .description(
      "Check configuration, port, database, master key, Redis, clock and limits, and say how to fix problems",
    )
    .option("--json", "Print JSON");
  return addConfigFlags(command).action(async () => {
    const { config } = configOf(command);
    const findings: Finding[] = [{ check: "configuration", isWell: true, detail: "all values are valid" }];
    for (const [check, look] of Object.entries(checks)) {
      const seen = await look(config).catch((error: Error) => ({
        isWell: false,
        detail: error.message,
        fix: "Fix the problem that the message describes, then run this again.",
      }));
      findings.push({ check, ...seen });
    }
    if (command.opts<{ json?: true }>().json) printJson(findings);
    else await print(findings.map(lineOf).join(""));
    const ill = findings.filter(({ isWell }) => !isWell).length;
    if (ill > 0) throw new Refused(ill === 1 ? "1 check failed" : `${ill} checks failed`);
  });
}

function lineOf({ check, isWell, detail, fix }: Finding): string {
  const line = `${isWell ? "ok  " : "FAIL"}  ${check.padEnd(14)} ${detail}\n`;
  return fix === undefined ? line : `${line}      ${"".padEnd(14)} → ${fix}\n`;
}
