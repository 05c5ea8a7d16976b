/** Rotation without downtime in three steps: create, deploy, activate. Both secrets are accepted until the last step. */
import type { App, Secret, SecretsAnswer } from "@soketify/admin";
import { useSearch } from "wouter";
import { useMay } from "../api/session.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Panel } from "../ui/page.tsx";
import { Failure, Loaded } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import type { Column } from "../ui/table-row.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { When } from "../ui/when.tsx";
import { ActivateStep } from "./rotation-activate.tsx";
import { DeployStep } from "./rotation-deploy.tsx";

const askedEveryMs = 2_000;
const tones = { active: "good", pending: "warn", revoked: "plain" } as const;

export function RotationPanel({ app }: { readonly app: App }) {
  const path = { appId: app.id };
  const isAsked = new URLSearchParams(useSearch()).get("ask") === "rotate";
  const secrets = useGet("GET /apps/{appId}/secrets", { path }, { everyMs: askedEveryMs });
  return (
    <Panel
      title="Secret rotation"
      lead="The old and the new secret both work until you activate the new one, so there is no downtime."
      isFlush
    >
      <Loaded of={secrets}>
        {(answer) => (
          <>
            <Unanswered nodes={answer.unanswered} />
            <div ref={isAsked ? bringIntoView : null} tabIndex={-1} className="scroll-mt-24 outline-none">
              <Steps app={app} answer={answer} />
            </div>
            <SecretTable secrets={answer.secrets} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** The palette leads here. */
function bringIntoView(steps: HTMLElement | null): void {
  steps?.scrollIntoView({ block: "center" });
  steps?.focus({ preventScroll: true });
}

function Steps({ app, answer }: { readonly app: App; readonly answer: SecretsAnswer }) {
  const pending = answer.secrets.find(({ state }) => state === "pending");
  const active = answer.secrets.find(({ state }) => state === "active");
  const isOldUsed = answer.activation?.isSafe === false;
  const isNewUsed = pending !== undefined && pending.lastUsedAt !== null;
  const step = pending === undefined ? 1 : isNewUsed && !isOldUsed ? 3 : 2;
  const deployed =
    isNewUsed && isOldUsed ? "Partly deployed: the old secret is still used" : "Deploy it to every backend";
  return (
    <div className="grid gap-4 p-4">
      <ol className="grid gap-2 text-[13px] sm:grid-cols-3">
        <Step number={1} now={step} name="Rotate" what="Create a second secret" />
        <Step number={2} now={step} name="Deploy" what={deployed} />
        <Step number={3} now={step} name="Activate" what="Revoke the old secret" />
      </ol>
      {pending === undefined || active === undefined ? (
        <RotateStep appId={app.id} />
      ) : (
        <>
          <DeployStep app={app} active={active} pending={pending} users={answer.users} />
          <ActivateStep appId={app.id} pending={pending} activation={answer.activation} />
        </>
      )}
    </div>
  );
}

function Step({
  number,
  now,
  name,
  what,
}: {
  readonly number: number;
  readonly now: number;
  readonly name: string;
  readonly what: string;
}) {
  const look =
    number === now
      ? "border-accent bg-accent-wash"
      : number < now
        ? "border-line bg-good-wash"
        : "border-line";
  return (
    <li aria-current={number === now ? "step" : undefined} className={`rounded-md border px-3 py-2 ${look}`}>
      <p className="font-medium">
        {number}. {name}
        {number < now && <span className="text-good"> ✓</span>}
      </p>
      <p className="text-soft">{what}</p>
    </li>
  );
}

function RotateStep({ appId }: { readonly appId: string }) {
  const mayChange = useMay("app.change");
  const rotate = useChange("POST /apps/{appId}/secrets/rotate");
  return (
    <div className="grid justify-items-start gap-3">
      {rotate.error !== null && <Failure error={rotate.error} />}
      <Button
        look="primary"
        disabled={!mayChange}
        isBusy={rotate.isPending}
        onClick={() => rotate.mutate({ path: { appId }, body: {} })}
      >
        Rotate the secret
      </Button>
    </div>
  );
}

const secretColumns: readonly Column<Secret>[] = [
  {
    name: "State",
    inCard: "title",
    cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge>,
  },
  {
    name: "Created",
    inCard: "line",
    cell: ({ createdAt, createdBy }) => (
      <>
        <When at={createdAt} /> <span className="text-faint">by {createdBy}</span>
      </>
    ),
  },
  { name: "HTTP API", cell: ({ lastUsed }) => <When at={lastUsed.httpApi} /> },
  {
    name: "Channel authorization",
    inCard: "line",
    cell: ({ lastUsed }) => <When at={lastUsed.channelAuthorization} />,
  },
  { name: "Sign-in", cell: ({ lastUsed }) => <When at={lastUsed.signIn} /> },
];

function SecretTable({ secrets }: { readonly secrets: readonly Secret[] }) {
  return (
    <div className="border-t border-line">
      <Table label="Secrets" columns={secretColumns} rows={secrets} keyOf={({ id }) => id} />
    </div>
  );
}
