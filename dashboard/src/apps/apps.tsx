/** The apps that the person may see, with their current activity. */
import type { BoardRow } from "@soketify/admin";
import { useDeferredValue } from "react";
import { useMay } from "../api/session.ts";
import { type List, useList } from "../api/use-list.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { LongTable } from "../ui/long-table.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { type Sort, useServerSort } from "../ui/sort.tsx";
import { Empty, Loaded, Loading } from "../ui/states.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { useUrlText } from "../ui/use-url-text.ts";
import { Attention } from "./attention.tsx";
import { boardColumns, sortOfColumn } from "./board-columns.tsx";
import { CreateAppDialog } from "./create-app-dialog.tsx";

const askedEveryMs = 3_000;
const appsOf = (page: { readonly apps: readonly BoardRow[] }) => page.apps;

export function AppsPage() {
  const [search, setSearch] = useUrlText("search");
  const dialog = useNewDialog();
  const mayCreate = useMay("server.change");
  const { sort, query } = useServerSort("sort", boardColumns, sortOfColumn);
  const apps = useList(
    "GET /board",
    { query: { search: useDeferredValue(search.trim()), limit: 200, ...query } },
    appsOf,
    {
      everyMs: askedEveryMs,
    },
  );
  return (
    <Page
      title="Apps"
      lead="Each app has its own key, secret and channels. The small charts show the last hour."
      actions={
        mayCreate && (
          <Button look="primary" onClick={dialog.open}>
            <Icon name="plus" /> New app
          </Button>
        )
      }
    >
      <Attention />
      <SearchField label="Search by name, ID or key" value={search} onChange={setSearch} />
      <Unanswered nodes={apps.firstPage?.unanswered} />
      <Panel isFlush>
        <Loaded of={apps.query}>
          {() =>
            apps.rows.length > 0 ? (
              <AppTable apps={apps} sort={sort} />
            ) : apps.isOfPreviousInput ? (
              <Loading />
            ) : (
              <NoApps search={search} onNew={mayCreate ? dialog.open : null} />
            )
          }
        </Loaded>
      </Panel>
      <CreateAppDialog isOpen={dialog.isOpen} onClose={dialog.close} />
    </Page>
  );
}

function NoApps({ search, onNew }: { readonly search: string; readonly onNew: (() => void) | null }) {
  if (search !== "")
    return <Empty title={`No app matches “${search}”`}>Search for part of a name, an ID or a key.</Empty>;
  if (onNew === null)
    return <Empty title="You have no apps yet">Ask an admin to give you access to an app.</Empty>;
  return (
    <Empty title="There are no apps yet">
      <p>Create one app for each of your products. Each app has its own key, secret and channels.</p>
      <Button className="mt-4" onClick={onNew}>
        Create the first app
      </Button>
    </Empty>
  );
}

function AppTable({ apps, sort }: { readonly apps: List<BoardRow>; readonly sort: Sort }) {
  return (
    <LongTable
      label="Apps"
      noun="app"
      columns={boardColumns}
      list={apps}
      keyOf={({ id }) => id}
      sort={sort}
    />
  );
}
