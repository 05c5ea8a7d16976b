import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { setTheme, type Theme, useTheme } from "./theme.ts";

const next = { system: "light", light: "dark", dark: "system" } as const satisfies Record<Theme, Theme>;
const icons = { system: "screen", light: "sun", dark: "moon" } as const;
const names = { system: "System theme", light: "Light theme", dark: "Dark theme" };

export function ThemeButton() {
  const theme = useTheme();
  return (
    <Button
      look="quiet"
      title="Change the theme"
      onClick={() => setTheme(next[theme])}
      isTight
      className="w-full justify-start"
    >
      <Icon name={icons[theme]} />
      {names[theme]}
    </Button>
  );
}
