/** The app's newest errors: those that the server stores, and new ones from the live feed. */
import { type ReactNode, useState } from "react";
import type { ErrorEntry } from "../../../server/src/admin-api/contracts/live.ts";
import { useLiveGet } from "../api/use-live-get.ts";
import { ConnectionDialog } from "../connections/connection-dialog.tsx";
import { lookOf, refusedRequestWords } from "../console/live-row.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { number } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { useOpened } from "../ui/use-opened.ts";
import { exactly, When } from "../ui/when.tsx";
import { ErrorWords } from "./error-words.tsx";

const shownMax = 8;
/** Leaves out successful API requests, which are many. */
export const errorTypes = { type: "message_refused,handshake_refused,api_request_refused" };

export function NewestErrors({ appId }: { readonly appId: string }) {
  const newest = useLiveGet("GET /apps/{appId}/errors", { path: { appId } }, errorTypes);
  const [isAll, setIsAll] = useState(false);
  const { opened, open, close } = useOpened("socket");
  return (
    <Panel title="Newest errors" lead="Rejected messages, handshakes and API requests" isFlush>
      <Loaded of={newest}>
        {({ errors, rememberedSince, unanswered }) => (
          <>
            <Unanswered nodes={unanswered} />
            {errors.length === 0 ? (
              <Empty title="No errors">None since {exactly(rememberedSince)}. New errors appear here.</Empty>
            ) : (
              <>
                <ul className="divide-y divide-line text-[13px]">
                  {(isAll ? errors : errors.slice(0, shownMax)).map((error) => (
                    <Row key={error.id} error={error} onOpen={open} />
                  ))}
                </ul>
                <p className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-xs text-faint">
                  <span>Complete since {exactly(rememberedSince)}</span>
                  {errors.length > shownMax && (
                    <Button look="quiet" className="ml-auto" onClick={() => setIsAll(!isAll)}>
                      {isAll ? "Show fewer" : `Show all ${number(errors.length)}`}
                    </Button>
                  )}
                </p>
              </>
            )}
          </>
        )}
      </Loaded>
      <ConnectionDialog appId={appId} socketId={opened} onClose={close} />
    </Panel>
  );
}

function Row({ error, onOpen }: { readonly error: ErrorEntry; readonly onOpen: (socketId: string) => void }) {
  const { label, tone } = lookOf(error);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3 gap-y-0.5 px-4 py-2 sm:grid-cols-[5.5rem_minmax(0,1fr)_auto]">
      <span>
        <Badge tone={tone}>{label}</Badge>
      </span>
      <span className="col-span-2 row-start-2 min-w-0 break-words sm:col-span-1 sm:row-start-auto">
        <Words error={error} />
        {error.type === "message_refused" && (
          <button
            type="button"
            className="block font-mono text-xs text-link hover:underline"
            aria-label={`Timeline of connection ${error.socketId}`}
            onClick={() => onOpen(error.socketId)}
          >
            {error.socketId}
          </button>
        )}
      </span>
      <span className="justify-self-end text-faint">
        <When at={error.at} />
      </span>
    </li>
  );
}

function Words({ error }: { readonly error: ErrorEntry }): ReactNode {
  switch (error.type) {
    case "message_refused":
      return <ErrorWords {...error} />;
    case "handshake_refused":
      return <ErrorWords code={error.code} channel={null} message={error.reason} />;
    case "api_request":
      return `${error.method} ${error.route} failed with ${error.status}`;
    case "api_request_refused":
      return refusedRequestWords(error);
    default:
      throw error satisfies never;
  }
}
