/** The actions of the protocol, put together: what a message or a publish sets in motion. */

import { createAfterClose } from "../actions/after-close.ts";
import { createAfterEntry } from "../actions/after-entry.ts";
import { createAnnounce } from "../actions/announce.ts";
import { createAnnouncePresence } from "../actions/announce-presence.ts";
import { createAnnounceSubscriptionCount } from "../actions/announce-subscription-count.ts";
import { createAuthorizeSubscription } from "../actions/authorize-subscription.ts";
import { createCloseUnauthorized } from "../actions/close-unauthorized.ts";
import { createConnectionQuota } from "../actions/connection-quota.ts";
import { createDeliverEvent } from "../actions/deliver-event.ts";
import { createHandleMessage } from "../actions/handle-message.ts";
import { createOpenConnection } from "../actions/open-connection.ts";
import { createPublish } from "../actions/publish.ts";
import { createReadChannels } from "../actions/read-channels.ts";
import { createReplayCachedEvent } from "../actions/replay-cached-event.ts";
import { createSendClientEvent } from "../actions/send-client-event.ts";
import { createSignIn } from "../actions/sign-in.ts";
import { createSubscribe } from "../actions/subscribe.ts";
import { createTerminateUser } from "../actions/terminate-user.ts";
import { createUnsubscribe } from "../actions/unsubscribe.ts";
import { createWatchlist } from "../actions/watchlist.ts";
import type { SharedParts } from "./shared-parts.ts";

export type ProtocolStack = ReturnType<typeof createProtocolStack>;

export function createProtocolStack(
  { registry, hub, activity, clock, bus, roster, cache }: Omit<SharedParts, "nodes">,
  options: { readonly activityTimeoutS: number; readonly onBug: (error: unknown) => void },
) {
  const quota = createConnectionQuota(hub);
  const announce = createAnnounce(hub, bus);
  const announceCount = createAnnounceSubscriptionCount(announce, registry, activity, clock);
  const presence = createAnnouncePresence(announce, announceCount, activity);
  const watchlist = createWatchlist(hub, roster, announce, activity);
  const deliver = createDeliverEvent(hub, bus, activity);
  const unsubscribe = createUnsubscribe({ hub, roster }, presence, cache, activity);
  const afterEntry = createAfterEntry(createReplayCachedEvent(hub, cache, activity), announceCount, activity);
  const subscribe = createSubscribe(
    createAuthorizeSubscription(registry),
    { hub, roster, quota },
    presence,
    afterEntry,
  );
  const signIn = createSignIn(registry, hub, quota, watchlist);
  const sendClientEvent = createSendClientEvent(deliver, activity, clock);
  return {
    open: createOpenConnection({ registry, hub }, quota, activity, {
      clock,
      activityTimeoutS: options.activityTimeoutS,
    }),
    handleMessage: createHandleMessage(
      { registry, hub },
      { subscribe, unsubscribe, signIn, sendClientEvent },
      activity,
      { clock, onBug: options.onBug },
    ),
    afterClose: createAfterClose({ registry, hub }, unsubscribe, watchlist, activity),
    closeUnauthorized: createCloseUnauthorized(registry, hub, clock),
    publish: createPublish(deliver, cache, activity),
    readChannels: createReadChannels(roster, cache),
    terminateUser: createTerminateUser(hub, bus),
    deliver,
  };
}
