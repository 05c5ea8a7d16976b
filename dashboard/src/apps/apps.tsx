/** The apps that the person may see, with their current activity. */
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { App } from "../../../server/src/admin-api/contracts/apps.ts";
import { useMay } from "../api/session.ts";
import { type List, useList } from "../api/use-list.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { LongTable } from "../ui/long-table.tsx";
import { number, percent } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, Loaded, Loading } from "../ui/states.tsx";
import type { Column } from "../ui/table-row.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { Attention } from "./attention.tsx";
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
      lead="Each app has its own key, secret and channels."
      actions={
        mayCreate && (
          <Button look="primary" onClick={dialog.open}>
            <Icon name="plus" /> New app
          </Button>
        )
      }
    >
      <Attention />
      <SearchField label="Search by name, id or key" value={search} onChange={setSearch} />
      <Panel isFlush>
        <Loaded of={apps.query}>
          {() =>
            apps.rows.length > 0 ? (
              <AppTable apps={apps} />
            ) : apps.isOfBefore ? (
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

/** From this share on a limit is near. */
const nearShare = 0.8;

function shareOfLimit({ connectionCount, settings: { connectionsMax } }: App): number {
  return connectionsMax === 0 ? 0 : connectionCount / connectionsMax;
}

const columns: readonly Column<App>[] = [
  {
    name: "Name",
    inCard: "title",
    cell: (app) => (
      <span className="flex items-center gap-2">
        <Link
          to={`/apps/${app.id}/overview`}
          title={app.name}
          className="truncate font-medium hover:underline"
        >
          {app.name}
        </Link>
        {!app.isEnabled && <Badge tone="bad">Disabled</Badge>}
        {app.secret.isRotating && (
          <Link to={`/apps/${app.id}/settings`} title="To the rotation">
            <Badge tone="warn">Rotating</Badge>
          </Link>
        )}
        {shareOfLimit(app) >= nearShare && (
          <Badge tone={shareOfLimit(app) >= 1 ? "bad" : "warn"}>
            {percent(shareOfLimit(app))} of connections
          </Badge>
        )}
      </span>
    ),
  },
  {
    name: "Connections",
    width: "w-32",
    isNumber: true,
    cell: ({ connectionCount, settings: { connectionsMax } }) =>
      connectionsMax === 0
        ? number(connectionCount)
        : `${number(connectionCount)} / ${number(connectionsMax)}`,
  },
  {
    name: "Messages / min",
    width: "w-36",
    isNumber: true,
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
