/** Checks of the Dockerfile and the systemd unit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Checks, root, run, runPython } from "./tools.ts";

/** systemd's exposure score of the unit, times 10: 0 is fully restricted, 100 unrestricted. */
const exposureMax = 20;

export const machineChecks: Checks = {
  "Dockerfile: hadolint": () => {
    runPython("hadolint", ["Dockerfile"]);
  },

  "systemd: the unit is valid and hardened": () => {
    const folder = mkdtempSync(join(tmpdir(), "soketify-unit-"));
    const unit = join(folder, "soketify.service");
    try {
      const text = readFileSync(join(root, "deploy/systemd/soketify.service"), "utf8");
      // systemd checks that the unit's program exists, but the program is not installed here.
      writeFileSync(unit, text.replace("/usr/bin/soketify", process.execPath));
      const output = run("systemd-analyze", ["verify", "--man=no", unit]);
      if (output.includes(unit)) throw new Error(output);
      run("systemd-analyze", ["security", "--offline=true", `--threshold=${exposureMax}`, unit]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
