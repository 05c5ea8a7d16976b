import * as Ariakit from "@ariakit/react";
import { useLocation } from "wouter";
import { useGet } from "../api/use-api.ts";
import { Icon } from "../ui/icon.tsx";
import { plural } from "../ui/numbers.ts";
import { useShownApp } from "./shown-app.ts";

const appsMax = 50;

export function AppSwitcher({ appId }: { readonly appId: string }) {
  const [location, navigate] = useLocation();
  const { data } = useGet("GET /apps", { query: { limit: appsMax } });
  const shown = useShownApp() ?? appId;
  const page = location.split("/")[3] ?? "overview";
  return (
    <Ariakit.MenuProvider>
      <Ariakit.MenuButton
        aria-label={`App: ${shown}. Switch`}
        className="mb-1 flex h-10 w-full items-center gap-2 rounded-md border border-line bg-page px-2 text-left text-[13px] font-medium"
      >
        <span className="min-w-0 flex-1 truncate">{shown}</span>
        <Icon name="down" className="text-faint" />
      </Ariakit.MenuButton>
      <Ariakit.Menu
        gutter={4}
        sameWidth
        className="z-40 max-h-80 overflow-y-auto rounded-lg border border-line bg-panel p-1 shadow-xl"
      >
        {data?.apps.map(({ id, name }) => (
          <Ariakit.MenuItem
            key={id}
            onClick={() => navigate(`/apps/${id}/${page}`)}
            className="flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 text-[13px] data-active-item:bg-raised"
          >
            <span className="min-w-0 flex-1 truncate">{name}</span>
            {id === appId && <Icon name="check" />}
          </Ariakit.MenuItem>
        ))}
        {data !== undefined && data.nextCursor !== null && (
          <Ariakit.MenuItem
            onClick={() => navigate("/apps")}
            className="cursor-pointer rounded px-2 py-1.5 text-[13px] text-soft data-active-item:bg-raised"
          >
            All {plural(data.total, "app")}…
          </Ariakit.MenuItem>
        )}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
  );
}
