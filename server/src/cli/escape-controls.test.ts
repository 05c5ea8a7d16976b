import { expect, test } from "bun:test";
import fc from "fast-check";
import { escapeControls, escapeControlsInJson, escapeControlsOfLines } from "./escape-controls.ts";

const commands = /[^\P{Cc}\n]|\p{Bidi_Control}/u;
/** Random text with many control characters. */
const text = fc
  .array(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\x1b]0;", "\x9b", "\u202e", "\\", "\n", "\t")),
  )
  .map((parts) => parts.join(""));

test.each([
  ["\x1b]0;owned\x07", "\\u001b]0;owned\\u0007"],
  ["\x9b31m", "\\u009b31m"],
  ["\x7f", "\\u007f"],
  ["a\r\n\tb", "a\\r\\n\\tb"],
  ["\u202etxt.exe", "\\u202etxt.exe"],
  ["ünïcode 🚀 \\ fine", "ünïcode 🚀 \\ fine"],
])("%j is shown as %s", (given, shown) => {
  expect(escapeControls(given)).toBe(shown);
});

test("no escaped text contains a character that controls the terminal", () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(escapeControls(given)).not.toMatch(/\n|[^\P{Cc}\n]|\p{Bidi_Control}/u);
      expect(escapeControlsOfLines(given)).not.toMatch(commands);
    }),
  );
});

test("escaped JSON has the same meaning", () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(JSON.parse(escapeControlsOfLines(JSON.stringify({ given }, null, 2)))).toEqual({ given });
    }),
  );
});

test("a program that prints the raw strings of JSON prints escapes", () => {
  const log = escapeControlsInJson(JSON.stringify({ message: "a\x1b[1m\x9b\u202e \\u001b\nnext" }));
  expect(JSON.parse(log)).toEqual({ message: "a\\u001b[1m\\u009b\\u202e \\u001b\nnext" });
  fc.assert(
    fc.property(text, (given) => {
      const { message } = JSON.parse(escapeControlsInJson(JSON.stringify({ message: given })));
      expect(message).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
    }),
  );
});
