/** The anchor that GitHub gives a heading: `secret_in_use` keeps its underscores, and other punctuation is left out. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}
