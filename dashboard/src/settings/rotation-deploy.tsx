/** Step 2: the lines to deploy, and when each secret was last used. */
import type { App, Secret, SecretUser } from "@soketify/admin";
import type { ReactNode } from "react";
import { useClientEndpoint } from "../api/client-endpoint.ts";
import { useMay } from "../api/session.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { number } from "../ui/numbers.ts";
import { When } from "../ui/when.tsx";
import { fetchSecret, SecretValue } from "./credentials.tsx";
import { envLines } from "./env-lines.ts";

export function DeployStep({
  app,
  active,
  pending,
  users,
}: {
  readonly app: App;
  readonly active: Secret;
  readonly pending: Secret;
  readonly users: readonly SecretUser[];
}) {
  const endpoint = useClientEndpoint();
  const mayReveal = useMay("secret.reveal");
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-page px-3 py-1.5">
        <span className="text-[13px] font-medium">New secret</span>
        <span className="flex min-w-0 flex-1 items-center gap-1 font-mono text-[13px]">
          <SecretValue key={pending.id} appId={app.id} secretId={pending.id} label="the new secret" />
        </span>
        {mayReveal && (
          <CopyButton
            text={async () => envLines(app, await fetchSecret(app.id, pending.id), endpoint)}
            label="Copy the new .env lines"
            caption=".env lines"
          />
        )}
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Use title="New secret last used">
          <When at={pending.lastUsedAt} never="not yet" />
          <Users
            users={users.filter(({ secretId }) => secretId === pending.id)}
            label="Backends with the new secret"
          />
        </Use>
        <Use title="Old secret last used">
          <When at={active.lastUsedAt} />
          <Users
            users={users.filter(({ secretId }) => secretId === active.id)}
            label="Backends with the old secret"
          />
          {isByClients(active) && (
            <p className="mt-1 text-xs font-normal text-soft">
              Last used in a signature from a client. The server cannot see which backend created it.
            </p>
          )}
        </Use>
      </div>
    </div>
  );
}

/** Whether the latest use was a channel authorization or a sign-in. */
function isByClients({ lastUsed: { httpApi, channelAuthorization, signIn } }: Secret): boolean {
  const latest = Math.max(Date.parse(channelAuthorization ?? "") || 0, Date.parse(signIn ?? "") || 0);
  return latest > (Date.parse(httpApi ?? "") || 0);
}

/** Such as `10.0.0.4, php 7.2, 312 per minute`. */
function Users({ users, label }: { readonly users: readonly SecretUser[]; readonly label: string }) {
  if (users.length === 0) return null;
  return (
    <ul aria-label={label} className="mt-1 grid gap-0.5 text-xs font-normal text-soft">
      {users.map(({ address, sdk, requestsLastMinute, lastAt, node }) => (
        <li key={[address, sdk, node?.id].join(" ")} className="min-w-0 break-words">
          {[address, sdk, requestsLastMinute > 0 ? `${number(requestsLastMinute)} per minute` : null]
            .filter(Boolean)
            .join(", ")}
          {requestsLastMinute === 0 && (
            <>
              , last <When at={lastAt} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Use({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="rounded-md border border-line px-3 py-2">
      <p className="text-xs text-faint">{title}</p>
      <div className="text-base font-medium tabular-nums">{children}</div>
    </div>
  );
}
