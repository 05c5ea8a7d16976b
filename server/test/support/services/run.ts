/** Helpers of the test services; `npm test` installs their packages. */

/** Returns the command's output. @throws an error with the output if it fails */
export async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, {
    cwd: "/",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [printed, complained] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${printed}${complained}`);
  return printed;
}
