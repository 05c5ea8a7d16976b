/** Flags that would show a secret in the list of processes: known only so that their use says what to do instead. */
import { type Command, Option } from "commander";
import { WrongUse } from "./wrong-use.ts";

/** @param flag such as `--token`; `instead` completes "Give it …" */
export function refuseSecretFlag(command: Command, flag: string, instead: string): Command {
  const option = new Option(`${flag} <value>`, `Refused: give it ${instead}`).hideHelp();
  return command.addOption(option.argParser(() => refuse(flag, instead)));
}

/** @throws WrongUse which never repeats the secret */
export function refuse(flag: string, instead: string): never {
  throw new WrongUse(
    `${flag} would show a secret to everybody who lists the processes of this machine. Give it ${instead}.`,
  );
}
