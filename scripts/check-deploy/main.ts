/**
 * `npm run check:deploy`: checks the Dockerfile, deploy/, the packages and some examples with the programs that use these files.
 * All checks run. The exit code is 1 if one fails; a missing program counts as a failure.
 */
import { chartChecks } from "./chart.ts";
import { composeChecks } from "./compose.ts";
import { containerChecks } from "./container.ts";
import { exampleChecks } from "./examples.ts";
import { machineChecks } from "./machine.ts";
import { packageChecks } from "./package.ts";
import { releaseChecks } from "./release.ts";

const checks = {
  ...machineChecks,
  ...containerChecks,
  ...composeChecks,
  ...chartChecks,
  ...packageChecks,
  ...releaseChecks,
  ...exampleChecks,
};
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    process.stdout.write(`ok    ${name}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAIL  ${name}\n${(error as Error).message.trimEnd().replace(/^/gm, "      ")}\n`);
  }
}
process.stdout.write(`\n${Object.keys(checks).length - failed} deployment checks passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
