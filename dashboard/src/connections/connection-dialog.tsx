/** The details, close reason and timeline of one connection, open or closed. */
import type { TimelineAnswer } from "@soketify/admin";
import { type ReactNode, useMemo } from "react";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { useLiveGet } from "../api/use-live-get.ts";
import { originOf, sdkOf } from "../console/live-row.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { bytes, duration } from "../ui/numbers.ts";
import { Failure, Loaded } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";
import { CloseReason } from "./close-reason.tsx";
import { Timeline } from "./timeline.tsx";
import { transportWords } from "./transport-words.ts";
import { userWords } from "./user-words.ts";

interface ConnectionKey {
  readonly appId: string;
  readonly socketId: string;
}

export function ConnectionDialog({
  appId,
  socketId,
  onClose,
}: {
  readonly appId: string;
  /** Null: the dialog is closed. */
  readonly socketId: string | null;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={`Connection ${socketId ?? ""}`} isOpen={socketId !== null} onClose={onClose}>
      {/* The key: no data of one connection appears under another's id. */}
      {socketId !== null && <ConnectionHistory key={socketId} appId={appId} socketId={socketId} />}
    </Dialog>
  );
}

function ConnectionHistory({ appId, socketId }: ConnectionKey) {
  const trigger = useMemo(() => ({ socketId }), [socketId]);
  const one = useLiveGet(
    "GET /apps/{appId}/connections/{socketId}/timeline",
    { path: { appId, socketId } },
    trigger,
  );
  return (
    <Loaded of={one}>
      {({ timeline, connection, node }) => (
        <div className="grid gap-4 text-[13px]">
          {timeline.closed !== null && <CloseReason {...timeline.closed} />}
          <Facts timeline={timeline} connection={connection} node={node} />
          <Timeline timeline={timeline} />
          <div className="flex flex-wrap items-end justify-between gap-2">
            {timeline.closed === null && <CloseButton appId={appId} socketId={socketId} />}
            <CopyButton
              text={addressOf({ appId, socketId })}
              label="Copy a link to this connection"
              caption="Link"
            />
          </div>
        </div>
      )}
    </Loaded>
  );
}

/** The URL is the same on whichever page the dialog was opened. */
function addressOf({ appId, socketId }: ConnectionKey): string {
  const query = new URLSearchParams({ socket: socketId });
  return new URL(`apps/${appId}/connections?${query}`, document.baseURI).href;
}

function Facts({ timeline, connection, node }: TimelineAnswer) {
  const { opened, closed, lastPing } = timeline;
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-y-1">
      <Fact name="State">
        {closed === null ? (
          <Badge tone="good">Open</Badge>
        ) : (
          <>
            Closed <When at={closed.at} />, after {duration(closed.openForMs)}
          </>
        )}
      </Fact>
      <Fact name="Opened">
        <When at={opened.at} />
      </Fact>
      <Fact name="From">{[opened.address, originOf(opened)].filter(Boolean).join(" · ")}</Fact>
      <Fact name="Client">
        {sdkOf(opened) || "unknown"}
        {connection !== null && `, protocol ${connection.protocol}`}
      </Fact>
      <Fact name="Transport">{transportWords[opened.transport]}</Fact>
      {node !== null && <Fact name="Node">{node.name}</Fact>}
      <Fact name="User">{userWords(connection ?? closed) ?? "not signed in"}</Fact>
      {connection !== null && (
        <>
          <Fact name="Channels">
            <span className="font-mono text-xs">{connection.channels.join(", ") || "none"}</span>
          </Fact>
          <Fact name="Queued">{bytes(connection.queuedBytes)}</Fact>
          <Fact name="Last ping">
            <When at={lastPing?.at ?? null} never="not yet" />
            {lastPing !== null && (lastPing.isAnswered ? ", answered" : ", not answered yet")}
          </Fact>
        </>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function CloseButton({ appId, socketId }: ConnectionKey) {
  const mayClose = useMay("app.operate");
  const close = useChange("DELETE /apps/{appId}/connections/{socketId}");
  if (!mayClose) return null;
  return (
    <div className="grid justify-items-start gap-2">
      {close.error !== null && <Failure error={close.error} />}
      <Button
        look="danger"
        isBusy={close.isPending}
        onClick={() => close.mutate({ path: { appId, socketId } })}
      >
        Close this connection
      </Button>
    </div>
  );
}
