/** Light, dark, or what the system says; kept in this browser. */
export type Theme = "system" | "light" | "dark";

const storageKey = "soketify-theme";

export function savedTheme(): Theme {
  const saved = localStorage.getItem(storageKey);
  return saved === "light" || saved === "dark" ? saved : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem(storageKey, theme);
}
