/** Props for a scrollable box, so that the keyboard can reach and scroll it. */
export function reachable(label: string) {
  return { role: "group", tabIndex: 0, "aria-label": label } as const;
}
