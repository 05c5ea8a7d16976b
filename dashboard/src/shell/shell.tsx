/** The layout of every page: the menu is at the side, or above the page on a narrow screen. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { useShownApp, useShownAppId } from "./shown-app.ts";
import { Sidebar } from "./sidebar.tsx";
import { StaleNotice } from "./stale-notice.tsx";

export function Shell({ children }: { readonly children: ReactNode }) {
  const [location] = useLocation();
  /** The page where the menu was opened. The menu closes when the page changes. */
  const [menuOpenAt, setMenuOpenAt] = useState<string | null>(null);
  const isMenuOpen = menuOpenAt === location;
  const main = useRef<HTMLElement>(null);
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);
  const appId = useShownAppId();

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setIsPaletteOpen((isOpen) => !isOpen);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="min-h-screen lg:grid lg:grid-cols-[232px_minmax(0,1fr)]">
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-panel focus:p-2"
      >
        Skip to the page
      </button>
      <div className="flex items-center gap-2 border-b border-line bg-panel px-3 py-2 lg:hidden">
        <Button
          look="quiet"
          aria-label="Menu"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpenAt(isMenuOpen ? null : location)}
          isTight
        >
          <Icon name={isMenuOpen ? "close" : "menu"} />
        </Button>
        <span className="min-w-0 truncate font-semibold">{useShownApp() ?? "Soketify"}</span>
      </div>
      <div className={`${isMenuOpen ? "block" : "hidden"} lg:block`}>
        <Sidebar appId={appId} onSearch={() => setIsPaletteOpen(true)} />
      </div>
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        className={`min-w-0 outline-none has-[+[role=status]]:pb-24 ${isMenuOpen ? "hidden lg:block" : ""}`}
      >
        {children}
      </main>
      <StaleNotice />
      <CommandPalette appId={appId} isOpen={isPaletteOpen} onClose={() => setIsPaletteOpen(false)} />
    </div>
  );
}
