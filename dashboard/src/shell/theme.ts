/** Light, dark or system theme, stored in this browser. */
import { browserSetting } from "../ui/browser-setting.ts";

export type Theme = "system" | "light" | "dark";

const stored = browserSetting("soketify-theme");

export function useTheme(): Theme {
  return themeOf(stored.use());
}

export function savedTheme(): Theme {
  return themeOf(stored.read());
}

export function setTheme(theme: Theme): void {
  applyTheme(theme);
  stored.write(theme);
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function themeOf(saved: string | null): Theme {
  return saved === "light" || saved === "dark" ? saved : "system";
}
