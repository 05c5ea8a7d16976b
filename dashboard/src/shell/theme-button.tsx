import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { setTheme, type Theme, useTheme } from "./theme.ts";

const next = { system: "light", light: "dark", dark: "system" } as const satisfies Record<Theme, Theme>;
const icons = { system: "screen", light: "sun", dark: "moon" } as const;
const names = { system: "As the system", light: "Light", dark: "Dark" };

export function ThemeButton() {
  const theme = useTheme();
  return (
    <Button
      look="quiet"
      title="Change the colours"
      onClick={() => setTheme(next[theme])}
      isTight
      className="w-full justify-start"
    >
      <Icon name={icons[theme]} />
      <span className="sr-only">Colours:</span>
      {names[theme]}
    </Button>
  );
}
