/** Asks for a new password: hidden and twice on a terminal, else one line of standard input. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { type PasswordOwner, passwordProblem } from "../people/password-strength.ts";
import { printError } from "./print.ts";
import { Refused } from "./refused.ts";
import { WrongUse } from "./wrong-use.ts";

/**
 * @throws Refused where it is too weak, or where the two differ
 * @throws WrongUse where standard input is empty
 */
export async function readPassword(owner: PasswordOwner): Promise<string> {
  const { email } = owner;
  const password = process.stdin.isTTY ? await askTwice(email) : await firstLine();
  if (password === "" && !process.stdin.isTTY) {
    throw new WrongUse(
      `No password came on standard input: run this on a terminal, or give it a line, such as: soketify people reset-password ${email} < password.txt`,
    );
  }
  const problem = passwordProblem(password, owner);
  if (problem !== null) throw new Refused(problem);
  return password;
}

async function askTwice(email: string): Promise<string> {
  const password = await askHidden(`New password of ${email}: `);
  if (password === (await askHidden("The same again: "))) return password;
  throw new Refused("The two differ: nothing was changed");
}

/** What is typed is echoed to nowhere. */
async function askHidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  printError(question);
  try {
    return await new Promise((resolve, reject) => {
      const interrupted = () => reject(new Refused("Interrupted: nothing was changed"));
      terminal.on("SIGINT", interrupted);
      // It rejects where the input ends, as by Ctrl+D.
      terminal.question("").then(resolve, interrupted);
    });
  } finally {
    terminal.close();
    printError("\n");
  }
}

async function firstLine(): Promise<string> {
  let text = "";
  // A character may be cut in two by the end of a chunk.
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) text += chunk;
  return text.split(/\r?\n/, 1)[0] ?? "";
}
