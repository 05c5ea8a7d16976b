import { Link, useLocation } from "wouter";
import { useMe } from "../api/session.ts";
import { Icon } from "../ui/icon.tsx";
import { useKeptTime } from "../ui/time-range.ts";
import { AppSwitcher } from "./app-switcher.tsx";
import { DensityButton } from "./density-button.tsx";
import { appPages, type DashboardPage, serverPages } from "./pages.ts";
import { ThemeButton } from "./theme-button.tsx";

export function Sidebar({
  appId,
  onSearch,
}: {
  readonly appId: string | null;
  readonly onSearch: () => void;
}) {
  return (
    <div className="flex flex-col gap-4 border-r border-line bg-panel p-3 lg:sticky lg:top-0 lg:h-screen lg:overflow-y-auto">
      <Link to="/apps" className="hidden items-center gap-2 px-2 pt-1 text-[15px] font-semibold lg:flex">
        <img src="./icon.svg" alt="" className="size-5" />
        Soketify
      </Link>
      <button
        type="button"
        onClick={onSearch}
        className="flex h-8 shrink-0 items-center gap-2 rounded-md border border-line bg-page px-2 text-[13px] text-faint hover:text-soft"
      >
        <Icon name="search" />
        Go to…
        <kbd className="ml-auto font-sans text-xs">Ctrl K</kbd>
      </button>
      {appId !== null && (
        <nav aria-label="App" className="grid gap-1">
          <AppSwitcher appId={appId} />
          <Pages pages={appPages(appId)} />
        </nav>
      )}
      <nav aria-label="Server" className="grid gap-1">
        <p className="px-2 text-xs font-medium text-faint">Server</p>
        <Pages pages={serverPages} />
      </nav>
      <div className="mt-auto pt-2">
        <DensityButton />
        <ThemeButton />
      </div>
    </div>
  );
}

function Pages({ pages }: { readonly pages: readonly DashboardPage[] }) {
  const [location] = useLocation();
  const { permissions } = useMe();
  const time = useKeptTime();
  return pages
    .filter(({ permission }) => permission === null || permissions.includes(permission))
    .map(({ path, name, icon }) => {
      const isHere = location === path;
      return (
        <Link
          key={path}
          to={`${path}${time}`}
          aria-current={isHere ? "page" : undefined}
          className={`flex h-8 items-center gap-2.5 rounded-md px-2 text-[13px] font-medium ${isHere ? "bg-accent-wash text-link" : "text-soft hover:bg-raised hover:text-ink"}`}
        >
          <Icon name={icon} />
          {name}
        </Link>
      );
    });
}
