/** Every app that one may see, with what it does right now. */
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { App } from "../../../server/src/admin-api/contract.ts";
import { useMay } from "../api/session.ts";
import { type List, useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { LongTable } from "../ui/long-table.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { CreateAppDialog } from "./create-app-dialog.tsx";

const askedEveryMs = 3_000;
const appsOf = (page: { readonly apps: readonly App[] }) => page.apps;

export function AppsPage() {
  const [search, setSearch] = useState("");
  const dialog = useNewDialog();
  const mayCreate = useMay("server.change");
  const apps = useList(
    "GET /apps",
    { query: { search: useDeferredValue(search.trim()), limit: 200 } },
    appsOf,
    {
      everyMs: askedEveryMs,
    },
  );
  return (
    <Page
      title="Apps"
      lead="Each app has its own key and secret; none sees another's channels."
      actions={
        mayCreate && (
          <Button look="primary" onClick={dialog.open}>
            <Icon name="plus" /> New app
          </Button>
        )
      }
    >
      <SearchField label="Search by name, id or key" value={search} onChange={setSearch} />
      <Panel isFlush>
        <Loaded of={apps.query}>
          {() => (apps.rows.length === 0 ? <NoApps search={search} /> : <AppTable apps={apps} />)}
        </Loaded>
      </Panel>
      <CreateAppDialog isOpen={dialog.isOpen} onClose={dialog.close} />
    </Page>
  );
}

function NoApps({ search }: { readonly search: string }) {
  if (search !== "") return <Empty title={`No app matches “${search}”`} />;
  return <Empty title="There is no app yet">An app is a tenant: make one for each of your products.</Empty>;
}

const columns: readonly Column<App>[] = [
  {
    name: "Name",
    inCard: "title",
    cell: (app) => (
      <>
        <Link to={`/apps/${app.id}/overview`} title={app.name} className="font-medium hover:underline">
          {app.name}
        </Link>{" "}
        {!app.isEnabled && <Badge tone="bad">Disabled</Badge>}{" "}
        {app.secret.isRotating && <Badge tone="warn">Rotating</Badge>}
      </>
    ),
  },
  {
    name: "Connections",
    width: "w-32",
    className: "tabular-nums",
    cell: ({ connectionCount }) => number(connectionCount),
  },
  {
    name: "Messages / min",
    width: "w-36",
    className: "tabular-nums",
    cell: ({ messagesLastMinute }) => number(messagesLastMinute),
  },
  {
    name: "Key",
    width: "w-64",
    className: "font-mono text-soft",
    cell: ({ key, name }) => (
      <span className="flex items-center gap-1">
        <span className="truncate">{key}</span>
        <CopyButton text={key} label={`Copy the key of ${name}`} />
      </span>
    ),
  },
  { name: "App ID", width: "w-32", className: "font-mono text-soft", cell: ({ id }) => id },
];

function AppTable({ apps }: { readonly apps: List<App> }) {
  return <LongTable label="Apps" noun="app" columns={columns} list={apps} keyOf={({ id }) => id} />;
}
