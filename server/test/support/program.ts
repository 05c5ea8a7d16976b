/** The program under test. */
import { fileURLToPath } from "node:url";

/** The file that npm installs as `soketify`. */
export const launcher = fileURLToPath(new URL("../../bin/soketify.js", import.meta.url));

/** The single binary of the current sources, compiled by scripts/test.js; null without it. */
export const binary = process.env.TEST_BINARY || null;

/**
 * How the runtime compiles and collects, as scripts/test.js set it: for programs that do not inherit the environment.
 */
export const runtimeEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith("BUN_JSC_")),
);

/**
 * The program and its first arguments: the binary, which needs a third of the processor time to start; without it the
 * launcher in the repository, which runs the sources.
 */
export const program: readonly [string, ...string[]] = binary === null ? ["node", launcher] : [binary];
