/** Every app that one may see, with what it does right now. */
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { App } from "../../../server/src/admin-api/contract.ts";
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { inputClass } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { number } from "../ui/numbers.ts";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { CreateAppDialog } from "./create-app-dialog.tsx";

const askedEveryMs = 3_000;

export function AppsPage() {
  const [search, setSearch] = useState("");
  const [isCreating, setIsCreating] = useState(false);
  const mayCreate = useMay("server.change");
  const apps = useGet(
    "GET /apps",
    { query: { search: useDeferredValue(search), limit: 500 } },
    { everyMs: askedEveryMs },
  );
  return (
    <Page
      title="Apps"
      lead="Each app has its own key and secret; none sees another's channels."
      actions={
        mayCreate && (
          <Button look="primary" onClick={() => setIsCreating(true)}>
            <Icon name="plus" /> New app
          </Button>
        )
      }
    >
      <input
        type="search"
        aria-label="Search apps by name, id or key"
        placeholder="Search by name, id or key"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        className={`${inputClass} max-w-sm bg-panel`}
      />
      <Panel isFlush>
        <Loaded of={apps}>
          {({ apps: found }) => (found.length === 0 ? <NoApps search={search} /> : <AppTable apps={found} />)}
        </Loaded>
      </Panel>
      <CreateAppDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Page>
  );
}

function NoApps({ search }: { readonly search: string }) {
  if (search !== "") return <Empty title={`No app matches “${search}”`} />;
  return <Empty title="There is no app yet">An app is a tenant: make one for each of your products.</Empty>;
}

function AppTable({ apps }: { readonly apps: readonly App[] }) {
  return (
    <Table label="Apps" columns={["Name", "Connections", "Messages / min", "Key", "App ID"]}>
      {apps.map((app) => (
        <tr key={app.id} className="hover:bg-raised/50">
          <Cell className="min-w-44">
            <Link to={`/apps/${app.id}/overview`} className="font-medium hover:underline">
              {app.name}
            </Link>{" "}
            {!app.isEnabled && <Badge tone="bad">Disabled</Badge>}{" "}
            {app.secret.isRotating && <Badge tone="warn">Rotating</Badge>}
          </Cell>
          <Cell className="tabular-nums">{number(app.connectionCount)}</Cell>
          <Cell className="tabular-nums">{number(app.messagesLastMinute)}</Cell>
          <Cell className="font-mono text-soft">
            <span className="flex items-center gap-1">
              {app.key}
              <CopyButton text={app.key} label={`Copy the key of ${app.name}`} />
            </span>
          </Cell>
          <Cell className="font-mono text-soft">{app.id}</Cell>
        </tr>
      ))}
    </Table>
  );
}
