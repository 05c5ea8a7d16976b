/** Asks for a new password, twice and without echo on a terminal; otherwise reads one line of standard input. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { type PasswordOwner, passwordProblem } from "../people/password-strength.ts";
import { printError } from "./print.ts";
import { Refused } from "./refused.ts";
import { WrongUse } from "./wrong-use.ts";

/**
 * @throws Refused if the password is too weak, or the two inputs differ
 * @throws WrongUse if standard input is empty
 */
export async function readPassword(owner: PasswordOwner): Promise<string> {
  const { email } = owner;
  const password = process.stdin.isTTY ? await readTwice(email) : await firstLine();
  if (password === "" && !process.stdin.isTTY) {
    throw new WrongUse(
      `Standard input contains no password. Run this on a terminal, or pass a line, for example: soketify people reset-password ${email} < password.txt`,
    );
  }
  const problem = passwordProblem(password, owner);
  if (problem !== null) throw new Refused(problem);
  return password;
}

async function readTwice(email: string): Promise<string> {
  const password = await readHidden(`New password for ${email}: `);
  if (password === (await readHidden("Repeat the password: "))) return password;
  throw new Refused("The passwords differ. Nothing was changed");
}

/** Discards the echo of typed characters. */
async function readHidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  printError(question);
  try {
    return await new Promise((resolve, reject) => {
      const interrupted = () => reject(new Refused("Interrupted. Nothing was changed"));
      terminal.on("SIGINT", interrupted);
      // Rejects when the input ends, as with Ctrl+D.
      terminal.question("").then(resolve, interrupted);
    });
  } finally {
    terminal.close();
    printError("\n");
  }
}

async function firstLine(): Promise<string> {
  let text = "";
  // A chunk may end in the middle of a character.
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) text += chunk;
  return text.split(/\r?\n/, 1)[0] ?? "";
}
