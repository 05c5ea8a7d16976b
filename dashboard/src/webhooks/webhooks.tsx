/** The webhooks of an app. */
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { useNewDialog } from "../ui/use-new-dialog.ts";
import { LocalhostWebhooks } from "./localhost-webhooks.tsx";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookPanel } from "./webhook-panel.tsx";

const askedEveryMs = 2_000;

export default function WebhooksPage({ appId }: { readonly appId: string }) {
  const dialog = useNewDialog();
  const mayChange = useMay("app.change");
  const webhooks = useGet("GET /apps/{appId}/webhooks", { path: { appId } }, { everyMs: askedEveryMs });
  return (
    <Page
      title="Webhooks"
      lead="HTTP requests to your backend about activity in channels and of users."
      actions={
        mayChange && (
          <Button look="primary" onClick={dialog.open}>
            <Icon name="plus" /> New webhook
          </Button>
        )
      }
    >
      <Loaded of={webhooks}>
        {(answer) =>
          answer.webhooks.length === 0 ? (
            <Panel>
              <Empty title="There are no webhooks yet">
                A webhook sends the app's activity to your backend. Each request is signed with the app's
                secret.
              </Empty>
            </Panel>
          ) : (
            answer.webhooks.map((webhook) => (
              <WebhookPanel key={webhook.id} appId={appId} webhook={webhook} />
            ))
          )
        }
      </Loaded>
      <LocalhostWebhooks />
      <Dialog title="New webhook" isOpen={dialog.isOpen} onClose={dialog.close}>
        <WebhookForm appId={appId} webhook={null} onDone={dialog.close} />
      </Dialog>
    </Page>
  );
}
