import { expect, test } from "bun:test";
import { passwordProblem } from "./password-strength.ts";

const owner = { email: "ada.lovelace@example.com", name: "Ada Lovelace" };
const problem = (password: string) => passwordProblem(password, owner);

test.each(["12345678", "short one", "äöüäöüäöü"])(
  "%s is too short, and the error contains the minimum length",
  (password) => {
    expect(problem(password)).toMatch(/^The password has \d characters: choose one of at least 10$/);
  },
);

test("the length is counted in characters, not in units of the encoding", () => {
  expect(problem("🐎🔋📎✅🐎🔋📎✅🐎")).toContain("has 9 characters");
});

test.each([
  "1234567890",
  "password123",
  "Password2024!",
  "P@ssw0rd!!2024",
  "passwordpassword",
  "qwertyuiop",
  "1q2w3e4r5t6y",
  "1qaz2wsx3edc",
  "abcdefghij",
  "zyxwvutsrq1",
  "asdfghjkl;'",
  "iloveyou12345",
  "Welcome-2024-!",
  "administrator1",
  "aaaaaaaaaaaa",
  "abababababab",
  "4915712345678",
  "ada.lovelace@example.com",
  "AdaLovelace1815",
])("%s is refused", (password) => {
  expect(problem(password)).not.toBeNull();
});

test.each([
  "correct horse battery",
  "a few good words",
  "Tr0ub4dor&3x",
  "mein Passwort ist gut",
  "kXq9vL2mPz",
  "пароль для сервера",
])("%s is accepted", (password) => {
  expect(problem(password)).toBeNull();
});

test("a password of more than 256 characters is refused", () => {
  expect(problem("correct horse battery ".repeat(13))).toContain("more than 256 characters");
});
