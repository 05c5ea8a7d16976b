/** For a box that scrolls: the keyboard must get into it. */
export function reachable(label: string) {
  return { role: "group", tabIndex: 0, "aria-label": label } as const;
}
