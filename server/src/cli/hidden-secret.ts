/** Hidden flags that would show a secret in the process list. Using one ends with an error that names the alternative. */
import { type Command, Option } from "commander";
import { WrongUse } from "./wrong-use.ts";

/** @param flag such as `--token`; `instead` completes "Give it …" */
export function refuseSecretFlag(command: Command, flag: string, instead: string): Command {
  const option = new Option(`${flag} <value>`, `Refused: give it ${instead}`).hideHelp();
  return command.addOption(option.argParser(() => refuse(flag, instead)));
}

/** @throws WrongUse without the secret in its message */
export function refuse(flag: string, instead: string): never {
  throw new WrongUse(`${flag} would show a secret in the process list of this machine. Give it ${instead}.`);
}
