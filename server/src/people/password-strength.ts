/** The rules for new passwords. Existing passwords are not checked. */
import { Refusal } from "../core/refusal.ts";

export const passwordLengthMin = 10;
export const passwordLengthMax = 256;

const distinctCharactersMin = 5;

/** The words of the most common passwords, without digits and punctuation. */
const commonWords = new Set(
  `abc abcd abcde abcdef access admin administrator angel april asdf asdfgh asdfghjkl august baseball batman changeme charlie
  chocolate computer cookie daniel default december dragon february flower football freedom friday friend ginger guest
  hallo hello hunter iloveu iloveyou internet jennifer jessica jordan january july june letmein liverpool login london
  love lovely loveme march master matrix michael michelle monday monkey mustang naruto november october owner parol
  pass passw passwd password passwort pokemon princess qazwsx qazwsxedc qwert qwerty qwertyuiop qwertz qwertzuiop root
  samsung sample saturday secret september server shadow soccer soketify spring starwars summer sunday sunshine
  superman superuser system temp temporary test testing thursday trustno tuesday unknown user welcome wednesday
  welcometo whatever winter letmeinnow zaqxsw zxcvbn zxcvbnm passwordpassword qwertyqwerty adminadmin adminpassword
  mypassword newpassword secretpassword testpassword thisisapassword changethis changemenow iloveyousomuch
  correcthorsebatterystaple`.split(/\s+/),
);

/** Sequences of keys and letters, forwards and backwards. */
const runs = [
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
].flatMap((run) => [run, [...run].reverse().join("")]);

/** Characters that people use in place of letters. */
const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** The password's owner: their own name and address are easy to guess. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/** @throws Refusal `password_too_weak`, which says what is expected */
export function requireStrong(password: string, owner: PasswordOwner): void {
  const problem = passwordProblem(password, owner);
  if (problem !== null) throw new Refusal("password_too_weak", problem);
}

/** What is wrong with a new password, as a sentence; null: it is strong enough. */
export function passwordProblem(password: string, { email, name }: PasswordOwner): string | null {
  const length = [...password].length;
  if (length < passwordLengthMin)
    return `The password has ${length} characters: choose one of at least ${passwordLengthMin}`;
  if (password.length > passwordLengthMax)
    return `The password has more than ${passwordLengthMax} characters: choose a shorter one`;
  const lower = password.toLowerCase();
  if (new Set(lower).size < distinctCharactersMin)
    return `The password repeats the same characters: use at least ${distinctCharactersMin} different ones`;
  if (/^\d+$/.test(lower)) return "The password has digits only: add some words";
  const words = lower.replace(/[^\p{L}]/gu, "");
  if (isCommon(lower, words))
    return "The password is one of the most common ones: choose a few words that do not belong together";
  if (isOneOf(words, [email, email.split("@", 1)[0] ?? "", name]))
    return "The password is your own name or e-mail address: choose another one";
  return null;
}

/** @param words the letters of the password */
function isCommon(lower: string, words: string): boolean {
  const half = words.slice(0, words.length / 2);
  // `P4ssw0rd!2024` is `password` with digits after it.
  const spelled = [...lower.replace(/[\W\d_]+$/, "")].map((sign) => lookalikes[sign] ?? sign).join("");
  return (
    [words, spelled].some((text) => commonWords.has(text)) ||
    (words === half + half && commonWords.has(half)) ||
    (words.length >= 4 && runs.some((run) => run.includes(words)))
  );
}

function isOneOf(words: string, texts: readonly string[]): boolean {
  return texts.some((text) => {
    const letters = text.toLowerCase().replace(/[^\p{L}]/gu, "");
    return letters !== "" && letters === words;
  });
}
