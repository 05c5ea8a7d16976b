/** App ID, key and secret. The secret is masked until a person with the permission reveals it. */
import type { App } from "@soketify/admin";
import { type ReactNode, useState } from "react";
import { admin } from "../api/client.ts";
import { useClientEndpoint } from "../api/client-endpoint.ts";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { duration } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { Failure } from "../ui/states.tsx";
import { envLines } from "./env-lines.ts";

export function Credentials({ app }: { readonly app: App }) {
  const endpoint = useClientEndpoint();
  const copyEnv = async () => envLines(app, await fetchSecret(app.id, app.secret.id), endpoint);
  const mayReveal = useMay("secret.reveal");
  return (
    <Panel
      title="Credentials"
      lead="Clients need the key. Backends need all three. Never give the secret to clients."
      actions={mayReveal && <CopyButton text={copyEnv} label="Copy as .env lines" caption="Copy as .env" />}
    >
      <dl className="grid gap-x-6 gap-y-1 text-[13px] sm:grid-cols-[auto_minmax(0,1fr)]">
        <Credential name="App ID">
          <code className="min-w-0 truncate">{app.id}</code>
          <CopyButton text={app.id} label="Copy the app ID" />
        </Credential>
        <Credential name="Key">
          <code className="min-w-0 truncate">{app.key}</code>
          <CopyButton text={app.key} label="Copy the key" />
        </Credential>
        <Credential name="Secret">
          <SecretValue key={app.secret.id} appId={app.id} secretId={app.secret.id} label="the secret" />
          {app.secret.isOld && (
            <Badge tone="warn">In use for {duration(app.secret.ageMs)}: rotation recommended</Badge>
          )}
        </Credential>
      </dl>
    </Panel>
  );
}

function Credential({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="self-center text-soft">{name}</dt>
      <dd className="flex h-9 min-w-0 items-center gap-1 font-mono">{children}</dd>
    </>
  );
}

export async function fetchSecret(appId: string, secretId: string): Promise<string> {
  const { value } = await admin.call("POST /apps/{appId}/secrets/{secretId}/reveal", {
    path: { appId, secretId },
  });
  return value;
}

/** `label` completes “Copy …” and “Reveal …”. */
export function SecretValue({
  appId,
  secretId,
  label,
}: {
  readonly appId: string;
  readonly secretId: string;
  readonly label: string;
}) {
  const mayReveal = useMay("secret.reveal");
  const reveal = useChange("POST /apps/{appId}/secrets/{secretId}/reveal");
  const [isShown, setIsShown] = useState(false);
  const toggle = () => {
    setIsShown(!isShown);
    if (!isShown && reveal.data === undefined) reveal.mutate({ path: { appId, secretId } });
  };
  const value = isShown ? reveal.data?.value : undefined;
  return (
    <>
      <code className="min-w-0 truncate">{value ?? "•".repeat(20)}</code>
      {mayReveal ? (
        <>
          <Button
            look="quiet"
            aria-label={`${isShown ? "Hide" : "Reveal"} ${label}`}
            onClick={toggle}
            isBusy={reveal.isPending}
            isTight
            className="w-16 font-sans"
          >
            {isShown ? "Hide" : "Reveal"}
          </Button>
          <CopyButton text={() => fetchSecret(appId, secretId)} label={`Copy ${label}`} />
        </>
      ) : (
        <span className="font-sans text-xs text-faint">No permission</span>
      )}
      {reveal.error !== null && <Failure error={reveal.error} />}
    </>
  );
}
