/** The page of all commands, with their arguments and options. */
import { createProgram } from "../../server/src/cli/program.ts";

type Command = ReturnType<typeof createProgram>;

export function commandsPage(): string {
  const program = createProgram(() => Promise.reject(new Error("No server is needed to print help")));
  const configurationFlags = new Set(flagsOf(program.commands.find((command) => command.name() === "start")));
  return `# Commands

<!-- Written by \`npm run docs\` from the commands in server/src/cli. -->

\`npx soketify COMMAND --help\` describes a command and shows an example. You can give an app by its id, key or name.

- Commands that manage apps use the server on this machine, or the server that \`--url\` (\`SOKETIFY_URL\`) names. For \`--url\` they need an API token in
  \`SOKETIFY_TOKEN\` or in a file (\`--token-file\`). If no server runs on this machine, they use its database directly,
  and reach the nodes of a cluster over \`SOKETIFY_REDIS_URL\`.
- Secrets cannot be given as flags, because other users of the machine could read them. Use an environment variable, a file, or \`-\` for standard
  input.
- **Exit codes**: 0 success, 1 failure, 2 wrong usage.

${leavesOf(program, [])
  .map(({ name, command }) => partOf(name, command, configurationFlags))
  .join("\n")}`;
}

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

function leavesOf(command: Command, path: readonly string[]): Leaf[] {
  if (command.commands.length === 0) return [{ name: path.join(" "), command }];
  return command.commands.flatMap((below) => leavesOf(below, [...path, below.name()]));
}

/** The page of the configuration lists the flags that set it. Here they are one line. */
function partOf(name: string, command: Command, configurationFlags: ReadonlySet<string>): string {
  const example = /\nExample:\n {2}(soketify .*)\n/.exec(helpOf(command))?.[1] ?? "";
  const given = command.registeredArguments.map((argument) =>
    line(argument.name().toUpperCase(), argument.description),
  );
  const takesAll = [...configurationFlags].every((flag) => flagsOf(command).includes(flag));
  const options = command.options
    .filter(({ flags, hidden }) => !hidden && !(takesAll && configurationFlags.has(flags)))
    .map(({ flags, description }) => line(flags, description));
  if (takesAll) options.push("- every option of the [configuration](configuration.md) as a flag");
  return `## ${name}\n\n${command.description()}\n\n\`\`\`sh\n${example}\n\`\`\`\n\n${[...given, ...options, ""].join("\n")}`;
}

function flagsOf(command: Command | undefined): string[] {
  return command?.options.filter(({ hidden }) => !hidden).map(({ flags }) => flags) ?? [];
}

function line(name: string, description: string): string {
  return `- \`${name}\`: ${description}`;
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}
