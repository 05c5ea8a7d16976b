import { useQueries } from "@tanstack/react-query";
import { admin } from "../api/client.ts";
import { useGet } from "../api/use-api.ts";

/** The names of apps for a table cell. Null: all apps. */
export function AppNames({ appIds }: { readonly appIds: readonly string[] | null }) {
  const nameOf = useAppNames(appIds ?? []);
  if (appIds === null) return <span className="text-faint">all</span>;
  if (appIds.length === 0) return <span className="text-warn">none</span>;
  const names = appIds.map(nameOf).join(" · ");
  return (
    <span className="line-clamp-2" title={names}>
      {names}
    </span>
  );
}

/** One request names the apps of the first page; each further app takes one request. A deleted app is shown by its id. */
export function useAppNames(appIds: readonly string[]): (appId: string) => string {
  const apps = useGet("GET /apps", { query: { limit: 500 } }).data?.apps;
  const names = new Map(apps?.map(({ id, name }) => [id, name]));
  const others = useQueries({
    queries: (apps === undefined ? [] : appIds.filter((id) => !names.has(id))).map((appId) => ({
      queryKey: ["GET /apps/{appId}", { path: { appId } }],
      queryFn: () => admin.call("GET /apps/{appId}", { path: { appId } }),
    })),
  });
  for (const { data } of others) if (data !== undefined) names.set(data.app.id, data.app.name);
  return (appId) => names.get(appId) ?? appId;
}
