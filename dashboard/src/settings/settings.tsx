/** Settings of one app: credentials, secret rotation, limits, and deletion. */
import type { App } from "@soketify/admin";
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import { Page } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { ChannelRules } from "./channel-rules.tsx";
import { Credentials } from "./credentials.tsx";
import { DangerZone } from "./danger-zone.tsx";
import { LimitsForm } from "./limits-form.tsx";
import { RotationPanel } from "./rotation-panel.tsx";

export default function SettingsPage({ appId }: { readonly appId: string }) {
  const app = useGet("GET /apps/{appId}", { path: { appId } });
  return (
    <Page title="Settings" lead="Credentials, limits and features of the app.">
      <Loaded of={app} rows={8}>
        {(answer) => <Sections app={answer.app} />}
      </Loaded>
    </Page>
  );
}

function Sections({ app }: { readonly app: App }) {
  const mayChange = useMay("app.change");
  return (
    <>
      <Credentials app={app} />
      <RotationPanel app={app} />
      <LimitsForm app={app} mayChange={mayChange} />
      <ChannelRules app={app} mayChange={mayChange} />
      {mayChange && <DangerZone app={app} />}
    </>
  );
}
