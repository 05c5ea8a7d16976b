/** The handlers that allow webhooks to services of the server's own computer. */
import type { LocalhostWebhooks } from "../../management/localhost-webhooks.ts";
import type { Handlers } from "../handlers.ts";

export function createLocalhostWebhookHandlers(
  localhost: LocalhostWebhooks,
): Handlers<"localhostWebhooks" | "changeLocalhostWebhooks"> {
  const state = async () => ({ isAllowed: await localhost.isAllowed(), problem: localhost.problem });
  return {
    localhostWebhooks: state,
    async changeLocalhostWebhooks({ actor, body: { isAllowed } }) {
      await localhost.change(actor, isAllowed);
      return state();
    },
  };
}
