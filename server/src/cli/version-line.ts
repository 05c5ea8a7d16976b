/** The output of `soketify --version`. */
import { version } from "../../package.json";

/** Set by scripts/build-server.js. */
declare const BUILD_COMMIT: string | undefined;

/**
 * @returns one line: version, commit, runtime and platform, such as `0.1.0 (commit 0a1b2c3d4e5f, Bun 1.4.5, linux
 * x64)`
 */
export function versionLine(): string {
  const commit = typeof BUILD_COMMIT === "string" ? `commit ${BUILD_COMMIT}` : "from source";
  return `${version} (${commit}, Bun ${Bun.version}, ${process.platform} ${process.arch})`;
}
