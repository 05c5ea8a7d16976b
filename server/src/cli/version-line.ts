/** The output of `soketify --version`. */
import { commit, version } from "../composition/build.ts";

/**
 * @returns one line: version, commit, runtime and platform, such as `0.1.0 (commit 0a1b2c3d4e5f, Bun 1.4.5, linux
 * x64)`
 */
export function versionLine(): string {
  const source = commit === null ? "from source" : `commit ${commit}`;
  return `${version} (${source}, Bun ${Bun.version}, ${process.platform} ${process.arch})`;
}
