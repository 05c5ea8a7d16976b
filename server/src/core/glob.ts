/**
 * Whether a pattern matches a whole text: `*` stands for any characters, `?` for one. By hand rather than by regular
 * expression: it takes at most pattern length × text length steps, whatever the pattern is.
 */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === "*") {
      star = inPattern++;
      starAt = at;
    } else if (wanted === "?" || wanted === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
