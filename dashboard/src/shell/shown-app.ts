import { useEffect } from "react";
import { useLocation } from "wouter";
import { useGet } from "../api/use-api.ts";

/** The id of the app whose page is shown; null: it is a page of the server. */
export function useShownAppId(): string | null {
  const [location] = useLocation();
  return /^\/apps\/([\w-]+)/.exec(location)?.[1] ?? null;
}

/** The name of the app whose page is shown. Null on pages of the server, and while it loads. */
export function useShownApp(): string | null {
  const appId = useShownAppId();
  const { data } = useGet(
    "GET /apps/{appId}",
    { path: { appId: appId ?? "" } },
    { isEnabled: appId !== null },
  );
  return appId !== null && data?.app.id === appId ? data.app.name : null;
}

/** The browser's title: the page, the app, and the product. */
export function useTitle(page: string): void {
  const app = useShownApp();
  useEffect(() => {
    const parts = [page, app === page ? null : app, "Soketify"];
    document.title = parts.filter((part) => part !== null).join(" · ");
  }, [page, app]);
}
