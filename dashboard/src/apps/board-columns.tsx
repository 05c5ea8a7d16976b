/** The columns of the list of apps: current figures, each with its last hour. */
import type { BoardRow, BoardSort, WebhookCondition } from "@soketify/admin";
import { Link } from "wouter";
import { shareOf } from "../../../server/src/core/limits/limit-use.ts";
import { limitUseWords } from "../limits/limit-words.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Sparkline } from "../ui/charts/sparkline.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { number, percent, perSecond } from "../ui/numbers.ts";
import type { Column } from "../ui/table-row.tsx";

/** By column heading. */
export const sortOfColumn: Readonly<Record<string, BoardSort>> = {
  Name: "name",
  Connections: "connections",
  "Messages / min": "messages",
  "Errors / min": "errors",
  Webhooks: "webhooks",
  Limits: "limits",
};

export const boardColumns: readonly Column<BoardRow>[] = [
  {
    name: "Name",
    inCard: "title",
    sortOf: ({ name }) => name,
    cell: (app) => (
      <span className="flex items-center gap-2">
        <Link
          to={`/apps/${app.id}/overview`}
          title={app.name}
          className="min-w-0 truncate font-medium hover:underline"
        >
          {app.name}
        </Link>
        <CopyButton text={app.key} label={`Copy the key of ${app.name}`} />
        {!app.isEnabled && <Badge tone="bad">Disabled</Badge>}
        {app.isRotating && (
          <Link to={`/apps/${app.id}/settings`} title="To the rotation" className="shrink-0">
            <Badge tone="warn">Rotating</Badge>
          </Link>
        )}
      </span>
    ),
  },
  {
    name: "Connections",
    width: "w-38",
    isNumber: true,
    inCard: "line",
    sortOf: ({ connections }) => connections,
    cell: ({ id, connections, connectionsMax, lastHour }) => (
      <Figure
        to={`/apps/${id}/connections`}
        text={number(connections)}
        title={connectionsMax === 0 ? "No limit" : `Of ${number(connectionsMax)}`}
        values={lastHour.connections}
        label="Connections in the last hour"
      />
    ),
  },
  {
    name: "Messages / min",
    width: "w-38",
    isNumber: true,
    inCard: "line",
    sortOf: ({ messagesLastMinute }) => messagesLastMinute,
    cell: ({ id, messagesLastMinute, lastHour }) => (
      <Figure
        to={`/apps/${id}/traffic`}
        text={number(messagesLastMinute)}
        title={`${perSecond(messagesLastMinute)} per second. To the top channels and senders`}
        values={lastHour.messages}
        label="Messages in the last hour"
      />
    ),
  },
  {
    name: "Errors / min",
    width: "w-38",
    isNumber: true,
    inCard: "line",
    sortOf: ({ errorsLastMinute }) => errorsLastMinute,
    cell: ({ id, errorsLastMinute, lastHour }) => (
      <Figure
        to={`/apps/${id}/overview`}
        text={number(errorsLastMinute)}
        title="In the last whole minute"
        values={lastHour.errors}
        label="Errors in the last hour"
        isBad
      />
    ),
  },
  {
    name: "Webhooks",
    width: "w-28",
    sortOf: ({ webhooks }) => (webhooks === null ? -1 : Object.keys(conditions).indexOf(webhooks.condition)),
    cell: ({ id, webhooks }) =>
      webhooks === null ? (
        <span className="text-faint">none</span>
      ) : (
        <Link to={`/apps/${id}/webhooks`}>
          <Badge tone={conditions[webhooks.condition].tone}>
            {conditions[webhooks.condition].words}
            {webhooks.amount > 1 && ` (${number(webhooks.amount)})`}
          </Badge>
        </Link>
      ),
  },
  {
    name: "Limits",
    width: "w-32",
    sortOf: ({ nearLimits }) => Math.max(0, ...nearLimits.map(shareOf)),
    cell: ({ id, nearLimits }) => <NearLimits appId={id} limits={nearLimits} />,
  },
];

const conditions: {
  readonly [Condition in WebhookCondition]: { readonly tone: Tone; readonly words: string };
} = {
  off: { tone: "plain", words: "Off" },
  ok: { tone: "good", words: "OK" },
  givenUp: { tone: "warn", words: "Given up" },
  failing: { tone: "warn", words: "Failing" },
  paused: { tone: "bad", words: "Paused" },
  disabled: { tone: "bad", words: "Disabled" },
};

/** @param props.to the page with the details */
function Figure({
  to,
  text,
  title,
  values,
  label,
  isBad = false,
}: {
  readonly to: string;
  readonly text: string;
  readonly title: string;
  readonly values: readonly number[];
  readonly label: string;
  readonly isBad?: boolean;
}) {
  const peak = number(Math.max(0, ...values));
  return (
    <Link to={to} className="group inline-flex items-baseline justify-end gap-2" title={title}>
      <Sparkline
        values={values}
        label={`${label}: at most ${peak} in three minutes`}
        tone={isBad ? "bad" : "accent"}
        className="h-4 w-16"
      />
      <span
        className={`min-w-12 text-right group-hover:underline ${isBad && text !== "0" ? "text-bad" : ""}`}
      >
        {text}
      </span>
    </Link>
  );
}

function NearLimits({ appId, limits }: { readonly appId: string; readonly limits: BoardRow["nearLimits"] }) {
  const [nearest] = limits;
  if (nearest === undefined) return <span className="text-faint">OK</span>;
  return (
    <Link to={`/apps/${appId}/overview`} title={limits.map(limitUseWords).join("\n")}>
      <Badge tone={shareOf(nearest) >= 1 ? "bad" : "warn"}>
        {percent(shareOf(nearest))} used
        {limits.length > 1 && ` (${number(limits.length)})`}
      </Badge>
    </Link>
  );
}
