import { useMemo, useSyncExternalStore } from "react";
import type { Connection } from "../../../server/src/admin-api/channel-contract.ts";
import { LiveLog } from "../api/live-log.ts";
import { useMay } from "../api/session.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { bytes } from "../ui/numbers.ts";
import { Failure, Loaded } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";
import { channelsOf, lookOf, sdkOf, timeOf, wordsOf } from "./live-row.ts";

export function ConnectionDialog({
  appId,
  socketId,
  onClose,
}: {
  readonly appId: string;
  readonly socketId: string;
  readonly onClose: () => void;
}) {
  const path = { appId, socketId };
  const mayClose = useMay("app.operate");
  const one = useGet("GET /apps/{appId}/connections/{socketId}", { path });
  const close = useChange("DELETE /apps/{appId}/connections/{socketId}");
  return (
    <Dialog title={`Connection ${socketId}`} isOpen onClose={onClose}>
      <div className="grid gap-4 text-[13px]">
        <Loaded of={one}>{({ connection }) => <Facts connection={connection} />}</Loaded>
        <Timeline appId={appId} socketId={socketId} />
        {close.error !== null && <Failure error={close.error} />}
        {mayClose && (
          <div>
            <Button
              look="danger"
              isBusy={close.isPending}
              onClick={() => close.mutate({ path }, { onSuccess: onClose })}
            >
              Close this connection
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}

function Facts({ connection }: { readonly connection: Connection }) {
  return (
    <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-y-1">
      <dt className="text-faint">Opened</dt>
      <dd>
        <When at={connection.openedAt} />
      </dd>
      <dt className="text-faint">Client</dt>
      <dd>
        {sdkOf(connection) || "unknown"}, protocol {connection.protocol}
      </dd>
      <dt className="text-faint">From</dt>
      <dd className="break-words">
        {connection.address} {connection.origin}
      </dd>
      <dt className="text-faint">User</dt>
      <dd>{connection.userId ?? "not signed in"}</dd>
      <dt className="text-faint">Queued</dt>
      <dd>{bytes(connection.queuedBytes)}</dd>
      <dt className="text-faint">Channels</dt>
      <dd className="font-mono break-words">{connection.channels.join(", ") || "none"}</dd>
    </dl>
  );
}

function Timeline({ appId, socketId }: { readonly appId: string; readonly socketId: string }) {
  const log = useMemo(() => new LiveLog(appId, { socketId }), [appId, socketId]);
  const { rows } = useSyncExternalStore(log.subscribe, log.snapshot);
  return (
    <section className="grid gap-1.5">
      <h3 className="text-xs font-medium text-faint">Timeline, from now on</h3>
      {rows.length === 0 && <p className="text-soft">What this connection does appears here.</p>}
      <ol className="grid max-h-48 gap-1 overflow-y-auto">
        {rows.map((row) =>
          row.kind === "gap" ? null : (
            <li key={row.key} className="flex items-center gap-2">
              <span className="font-mono text-xs text-faint">{timeOf(row.entry.at)}</span>
              <Badge tone={lookOf(row.entry).tone}>{lookOf(row.entry).label}</Badge>
              <span className="min-w-0 flex-1 truncate text-soft">
                {channelsOf(row.entry).join(", ")} {wordsOf(row.entry)}
              </span>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}
