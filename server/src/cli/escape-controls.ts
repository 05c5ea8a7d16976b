/**
 * What others chose, such as the name of a client library, may hold codes that command a terminal or turn the order of
 * its letters around. They are shown as what they are, as in `\u001b]0;`.
 */

/** Controls of C0 and C1, and those that change the direction of text or break lines unseen. */
const controls = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Without an end of line, too: for what stands within a line. */
export function escapeControls(text: string): string {
  return text.replace(controls, escapeOf);
}

/** Ends of lines stay. JSON stays JSON, with the same meaning. */
export function escapeControlsOfLines(text: string): string {
  return text.replace(controls, (control) => (control === "\n" ? control : escapeOf(control)));
}

/** For a JSON text whose strings a program will print as they are. */
export function escapeControlsInJson(json: string): string {
  // A pair of backslashes is one that was in the string, and what follows it is no escape.
  return escapeControlsOfLines(json).replace(/\\\\|\\(?:u[0-9a-f]{4}|[bfr])/gi, (written) =>
    written === "\\\\" ? written : `\\${written}`,
  );
}

function escapeOf(control: string): string {
  const short = JSON.stringify(control).slice(1, -1);
  return short === control ? `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
}
