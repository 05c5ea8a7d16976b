import type { Attempt, Delivery } from "@soketify/admin";
import { type ReactNode, useId, useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Icon } from "../ui/icon.tsx";
import { milliseconds, plural } from "../ui/numbers.ts";
import { When } from "../ui/when.tsx";

const tones = { pending: "warn", delivered: "good", dead: "bad" } as const;
const words = { pending: "Pending", delivered: "Delivered", dead: "Failed" } as const;

interface DeliveryRowProps {
  readonly delivery: Delivery;
  readonly url: string;
  readonly isBusy: boolean;
  /** Null if the person has no permission. */
  readonly onReplay: (() => void) | null;
}

/** A row that expands to show the request and the response. */
export function DeliveryRow({ delivery, url, isBusy, onReplay }: DeliveryRowProps) {
  const [isOpen, setIsOpen] = useState(false);
  const detailId = useId();
  const { state, createdAt, lastAttempt, attempts, nextAttemptAt } = delivery;
  const isRetried = state === "pending" && attempts > 0;
  const { name, subject } = headlineOf(delivery.event);
  return (
    <li className="text-[13px]">
      <div className="flex items-center gap-2 pr-4">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={detailId}
          onClick={() => setIsOpen(!isOpen)}
          className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 py-2.5 pl-3 text-left hover:bg-raised"
        >
          <Icon name="down" className={`text-faint ${isOpen ? "" : "-rotate-90"}`} />
          <Badge tone={tones[state]}>{isRetried ? "Retrying" : words[state]}</Badge>
          <span className="w-full truncate pl-7 font-mono text-xs sm:w-auto sm:min-w-0 sm:pl-0">
            {name} <span className="text-soft">{subject}</span>
          </span>
          <span className="w-full pl-7 text-xs text-faint sm:ml-auto sm:w-auto sm:pl-0">
            {attempts > 0 && <>attempt {attempts} · </>}
            {lastAttempt !== null && <>{outcomeOf(lastAttempt)} · </>}
            {isRetried && nextAttemptAt !== null && (
              <>
                next attempt <When at={nextAttemptAt} past="due" /> ·{" "}
              </>
            )}
            <When at={createdAt} />
          </span>
        </button>
        {onReplay !== null && state !== "pending" && (
          <Button
            look={state === "dead" ? "plain" : "quiet"}
            isBusy={isBusy}
            aria-label={`Send again: ${name} ${subject}`}
            onClick={onReplay}
          >
            Send again
          </Button>
        )}
      </div>
      <div id={detailId} hidden={!isOpen}>
        {isOpen && <Detail delivery={delivery} url={url} />}
      </div>
    </li>
  );
}

function Detail({ delivery, url }: { readonly delivery: Delivery; readonly url: string }) {
  const { requestId, event, lastAttempt, attempts, nextAttemptAt } = delivery;
  const request = `POST ${url}\nwebhook-id: ${requestId}\n\n${JSON.stringify(event, null, 2)}`;
  return (
    <div className="grid gap-3 px-4 pb-4 lg:grid-cols-2">
      <Side title="Request">
        <CodeBlock code={request} label="the request" />
      </Side>
      <Side title="Response">
        {lastAttempt === null ? (
          <p className="text-soft">Not sent yet.</p>
        ) : (
          <>
            <CodeBlock
              code={`${outcomeOf(lastAttempt)}\n\n${lastAttempt.answer || "(an empty body)"}`}
              label="the response"
            />
            <p className="text-xs text-faint">
              {attempts > 0 && <>{plural(attempts, "attempt")}, last </>}
              <When at={lastAttempt.at} />
              {nextAttemptAt !== null && attempts > 0 && (
                <>
                  ; next attempt <When at={nextAttemptAt} past="due" />
                </>
              )}
            </p>
          </>
        )}
      </Side>
    </div>
  );
}

function Side({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="grid min-w-0 content-start gap-1.5">
      <h4 className="text-xs font-medium text-faint">{title}</h4>
      {children}
    </div>
  );
}

/** If the server gave up without a request, the attempt took no time and its answer contains the reason. */
function outcomeOf({ status, durationMs, answer }: Attempt): string {
  if (status === null && durationMs === 0) return `Not tried: ${answer}`;
  return `${status ?? "No response"} in ${milliseconds(durationMs)}`;
}

/** A webhook event's name, and its channel or user. */
function headlineOf(event: unknown): { readonly name: string; readonly subject: string } {
  const { name = "event", channel, user_id: userId } = event as Partial<Record<string, string>>;
  return { name, subject: channel ?? userId ?? "" };
}
