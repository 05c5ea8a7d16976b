/**
 * Text from others, such as the name of a client library, may contain codes that control a terminal or reverse the direction of
 * text. They are escaped, as in `\u001b]0;`.
 */

/** The C0 and C1 control characters, and those that change the direction of text or break lines invisibly. */
const controls = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Also escapes line breaks, for text within one line. */
export function escapeControls(text: string): string {
  return text.replace(controls, escapeOf);
}

/** Keeps line breaks. Escaped JSON is still JSON with the same meaning. */
export function escapeControlsOfLines(text: string): string {
  return text.replace(controls, (control) => (control === "\n" ? control : escapeOf(control)));
}

/** For JSON text whose strings another program prints unescaped. */
export function escapeControlsInJson(json: string): string {
  // Two backslashes are one escaped backslash: the text after them is not an escape sequence.
  return escapeControlsOfLines(json).replace(/\\\\|\\(?:u[0-9a-f]{4}|[bfr])/gi, (written) =>
    written === "\\\\" ? written : `\\${written}`,
  );
}

function escapeOf(control: string): string {
  const short = JSON.stringify(control).slice(1, -1);
  return short === control ? `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
}
