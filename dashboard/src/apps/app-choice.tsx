/** Selects apps from a paginated list, with a search over all apps. */
import type { App } from "@soketify/admin";
import { useDeferredValue, useState } from "react";
import { useList } from "../api/use-list.ts";
import { Button } from "../ui/button.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Loaded } from "../ui/states.tsx";
import { useAppNames } from "./app-names.tsx";

const shownAtOnce = 50;
const searchedFrom = 8;
const appsOf = (page: { readonly apps: readonly App[] }) => page.apps;

interface AppChoiceProps {
  readonly chosen: readonly string[];
  readonly onChange: (appIds: readonly string[]) => void;
  /** Explains what selecting no app means. */
  readonly none: string;
}

export function AppChoice({ chosen, onChange, none }: AppChoiceProps) {
  const [search, setSearch] = useState("");
  const apps = useList(
    "GET /apps",
    { query: { search: useDeferredValue(search.trim()), limit: shownAtOnce } },
    appsOf,
  );
  const nameOf = useAppNames(chosen);
  // Selected apps on pages that are not loaded: shown unless a search is active.
  const elsewhere = search === "" ? chosen.filter((id) => !apps.rows.some((app) => app.id === id)) : [];
  const choices = [...elsewhere.map((id) => ({ id, name: nameOf(id) })), ...apps.rows];
  const choose = (appId: string, isChosen: boolean) =>
    onChange(isChosen ? [...chosen, appId] : chosen.filter((other) => other !== appId));
  return (
    <fieldset className="grid gap-1.5 text-[13px]">
      <legend className="mb-1 font-medium">Apps</legend>
      <Loaded of={apps.query} rows={2}>
        {() => (
          <>
            {(search !== "" || (apps.total ?? 0) > searchedFrom) && (
              <SearchField label="Search by name, ID or key" value={search} onChange={setSearch} />
            )}
            <div className="grid max-h-48 gap-1.5 overflow-y-auto rounded-md border border-line bg-page px-3 py-2">
              {choices.map(({ id, name }) => (
                <label key={id} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    checked={chosen.includes(id)}
                    onChange={({ target }) => choose(id, target.checked)}
                  />
                  <span className="min-w-0 truncate">{name}</span>
                  <span className="font-mono text-xs text-faint">{id}</span>
                </label>
              ))}
              {choices.length === 0 && <p className="text-faint">No app matches</p>}
              {apps.hasMore && (
                <Button look="quiet" isBusy={apps.isLoadingMore} onClick={apps.loadMore}>
                  Load more
                </Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      {chosen.length === 0 && <p className="text-xs text-warn">{none}</p>}
    </fieldset>
  );
}
