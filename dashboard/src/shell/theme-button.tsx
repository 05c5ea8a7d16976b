import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { applyTheme, savedTheme, type Theme } from "./theme.ts";

const next = { system: "light", light: "dark", dark: "system" } as const satisfies Record<Theme, Theme>;
const icons = { system: "screen", light: "sun", dark: "moon" } as const;
const names = { system: "As the system", light: "Light", dark: "Dark" };

export function ThemeButton() {
  const [theme, setTheme] = useState(savedTheme);
  return (
    <Button
      look="quiet"
      title="Change the colours"
      onClick={() => {
        applyTheme(next[theme]);
        setTheme(next[theme]);
      }}
      isTight
      className="w-full justify-start"
    >
      <Icon name={icons[theme]} />
      <span className="sr-only">Colours:</span>
      {names[theme]}
    </Button>
  );
}
