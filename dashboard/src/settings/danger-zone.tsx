import { useState } from "react";
import { useLocation } from "wouter";
import type { App } from "../../../server/src/admin-api/contracts/apps.ts";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Panel } from "../ui/page.tsx";
import { Failure } from "../ui/states.tsx";

export function DangerZone({ app }: { readonly app: App }) {
  const path = { appId: app.id };
  const mayDelete = useMay("server.change");
  const change = useChange("PATCH /apps/{appId}");
  const [isDeleting, setIsDeleting] = useState(false);
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
            onClick={() => change.mutate({ path, body: { isEnabled: !app.isEnabled } })}
          >
            {app.isEnabled ? "Disable the app" : "Enable the app"}
          </Button>
        </div>
        {mayDelete && (
          <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3">
            <p className="text-soft">
              Deletes the app with its secrets and statistics. You cannot undo this.
            </p>
            <Button look="danger" onClick={() => setIsDeleting(true)}>
              Delete the app…
            </Button>
          </div>
        )}
      </div>
      <DeleteDialog app={app} isOpen={isDeleting} onClose={() => setIsDeleting(false)} />
    </Panel>
  );
}

function DeleteDialog({
  app,
  isOpen,
  onClose,
}: {
  readonly app: App;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [, navigate] = useLocation();
  const remove = useChange("DELETE /apps/{appId}");
  return (
    <Dialog title={`Delete ${app.name}?`} isOpen={isOpen} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          remove.mutate({ path: { appId: app.id } }, { onSuccess: () => navigate("/apps") });
        }}
      >
        <TextField
          label={`Type the app's name: ${app.name}`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
        />
        {remove.error !== null && <Failure error={remove.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" disabled={typed !== app.name} isBusy={remove.isPending}>
            Delete permanently
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
