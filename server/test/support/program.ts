/** The program under test. */
import { fileURLToPath } from "node:url";

/** The file that npm installs as `soketify`. */
export const launcher = fileURLToPath(new URL("../../bin/soketify.js", import.meta.url));

/** The single binary of the current sources, compiled by scripts/test.js; null without it. */
export const binary = process.env.TEST_BINARY || null;

/**
 * How the runtime compiles and collects in programs that live for seconds: to compile early or to optimize costs more processor
 * time than it saves. Empty without the binary, and so in benchmarks.
 */
export const runtimeEnv: Readonly<Record<string, string>> =
  binary === null
    ? {}
    : {
        BUN_JSC_useDFGJIT: "0",
        BUN_JSC_thresholdForJITAfterWarmUp: "5000",
        BUN_JSC_thresholdForJITSoon: "1000",
        BUN_JSC_numberOfGCMarkers: "1",
      };

/**
 * The program and its first arguments: the binary, which needs a third of the processor time to start; without it the
 * launcher in the repository, which runs the sources.
 */
export const program: readonly [string, ...string[]] = binary === null ? ["node", launcher] : [binary];
