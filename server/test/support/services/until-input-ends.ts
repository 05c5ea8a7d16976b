/**
 * The command line that runs a program until its own input ends, and then deletes the program's folder: for what the test files
 * of a process share. Bun tells a test process that runs several files nothing before it ends it.
 */
export function untilInputEnds(folder: string, command: readonly string[]): [string, ...string[]] {
  return ["sh", "-c", '"$@" & read -r _; kill -9 $!; wait; rm -rf "$0"', folder, ...command];
}
