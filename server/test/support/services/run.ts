/** What the services of the tests share; `npm test` installs their packages. */
import { createServer } from "node:net";

/** Answers what it printed. @throws with that where it fails */
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

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}
