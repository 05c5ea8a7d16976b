import type { App } from "@soketify/admin";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { plural } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { Failure } from "../ui/states.tsx";
import { useOpened } from "../ui/use-opened.ts";

export function DangerZone({ app }: { readonly app: App }) {
  const path = { appId: app.id };
  const mayDelete = useMay("server.change");
  const change = useChange("PATCH /apps/{appId}");
  const { opened: asked, open: setAsked, close } = useOpened("ask");
  return (
    <Panel title="Danger zone">
      <div className="grid gap-3 text-[13px]">
        {change.error !== null && <Failure error={change.error} />}
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-soft">
            {app.isEnabled
              ? "Disabling the app closes all connections and rejects all requests until you enable it again."
              : "The app is disabled. All clients and requests are rejected."}
          </p>
          <Button
            look={app.isEnabled ? "danger" : "primary"}
            isBusy={change.isPending}
            onClick={() =>
              app.isEnabled ? setAsked("disable") : change.mutate({ path, body: { isEnabled: true } })
            }
          >
            {app.isEnabled ? "Disable the app…" : "Enable the app"}
          </Button>
        </div>
        {mayDelete && (
          <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3">
            <p className="text-soft">
              Deletes the app with its secrets and statistics. You cannot undo this.
            </p>
            <Button look="danger" onClick={() => setAsked("delete")}>
              Delete the app…
            </Button>
          </div>
        )}
      </div>
      <DeleteDialog app={app} isOpen={asked === "delete"} onClose={close} />
      <DisableDialog app={app} isOpen={asked === "disable" && app.isEnabled} onClose={close} />
    </Panel>
  );
}

interface DialogProps {
  readonly app: App;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function DeleteDialog(props: DialogProps) {
  const [, navigate] = useLocation();
  const remove = useChange("DELETE /apps/{appId}", "others");
  const path = { appId: props.app.id };
  return (
    <NameDialog
      {...props}
      confirmLabel="Delete"
      confirm="Delete permanently"
      change={remove}
      onConfirm={() => remove.mutate({ path }, { onSuccess: () => navigate("/apps") })}
    />
  );
}

function DisableDialog(props: DialogProps) {
  const change = useChange("PATCH /apps/{appId}");
  const { app, onClose } = props;
  const disable = { path: { appId: app.id }, body: { isEnabled: false } };
  return (
    <NameDialog
      {...props}
      confirmLabel="Disable"
      confirm="Disable the app"
      change={change}
      onConfirm={() => change.mutate(disable, { onSuccess: onClose })}
    >
      <p className="text-soft">
        This closes {plural(app.connectionCount, "connection")} and rejects all requests. Clients with a
        standard Pusher SDK do not reconnect by themselves, also not after you enable the app again: each page
        must be reloaded, or call <code>connect()</code>.
      </p>
    </NameDialog>
  );
}

/** Asks for the app's name, so that nobody confirms it for another app. */
function NameDialog({
  app,
  isOpen,
  onClose,
  confirmLabel,
  confirm,
  change: { error, isPending },
  onConfirm,
  children,
}: DialogProps & {
  readonly confirmLabel: string;
  readonly confirm: string;
  readonly change: { readonly error: Error | null; readonly isPending: boolean };
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}) {
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={`${confirmLabel} ${app.name}?`} isOpen={isOpen} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        {children}
        <TextField
          label={`Type the app's name: ${app.name}`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
        />
        {error !== null && <Failure error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" disabled={typed !== app.name} isBusy={isPending}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
