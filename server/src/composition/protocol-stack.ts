/** Creates the actions of the protocol. */

import { createAdmitMessage } from "../actions/admit-message.ts";
import { createAfterClose } from "../actions/after-close.ts";
import { createAuthorizeSubscription } from "../actions/authorize-subscription.ts";
import { createCloseUnauthorized } from "../actions/close-unauthorized.ts";
import { createConnectionQuota } from "../actions/connection-quota.ts";
import { createDeliverLine } from "../actions/deliver-line.ts";
import { createHandleMessage } from "../actions/handle-message.ts";
import { createOpenConnection } from "../actions/open-connection.ts";
import { PresenceGraces } from "../actions/presence-graces.ts";
import { createPublish } from "../actions/publish.ts";
import { createReadCachedEvent } from "../actions/read-cached-event.ts";
import { createReadChannels } from "../actions/read-channels.ts";
import { createReadHistory } from "../actions/read-history.ts";
import { createRefuseMessage, type OnBug } from "../actions/refuse-message.ts";
import { createReportChange } from "../actions/report-change.ts";
import { createSendClientEvent } from "../actions/send-client-event.ts";
import { createSignIn } from "../actions/sign-in.ts";
import { createSubscribe } from "../actions/subscribe.ts";
import { createTerminateUser } from "../actions/terminate-user.ts";
import { createUnsubscribe } from "../actions/unsubscribe.ts";
import { createWatchlist } from "../actions/watchlist.ts";
import { ByteBudget, type ByteLimits } from "../core/limits/byte-budget.ts";
import { ConnectionMemory } from "../core/limits/connection-memory.ts";
import type { SharedParts } from "./shared-parts.ts";

export type ProtocolStack = ReturnType<typeof createProtocolStack>;

export function createProtocolStack(
  {
    registry,
    hub,
    activity,
    clock,
    bus,
    broker,
    roster,
    nodes,
  }: Omit<SharedParts, "claims" | "sessions" | "ceilings" | "figures" | "secretUsers" | "limits">,
  options: {
    readonly activityTimeoutS: number;
    /** Limits of messages that wait for their turn. */
    readonly waitingBytesMax: ByteLimits;
    /** Limits of subscriptions and signed-in users. */
    readonly subscriptionBytesMax: ByteLimits;
    readonly onBug: OnBug;
  },
) {
  broker.listen(createDeliverLine({ registry, hub }, activity));
  broker.onGap(({ channels, fromMs, toMs }) => {
    for (const [appId, channelCount] of channels)
      activity.emit({ type: "events_missed", appId, channelCount, missedForMs: toMs - fromMs });
  });
  roster.onChange(createReportChange(registry, activity));
  const quota = createConnectionQuota(hub, nodes);
  const memory = new ConnectionMemory(options.subscriptionBytesMax);
  const watchlist = createWatchlist(hub, roster, activity);
  const unsubscribe = createUnsubscribe({ hub, memory }, { broker, roster }, activity);
  const authorize = createAuthorizeSubscription(registry);
  const subscribe = createSubscribe(authorize, { hub, quota, memory }, { broker, roster }, activity);
  const signIn = createSignIn({ registry, clock }, hub, { quota, memory }, watchlist);
  const sendClientEvent = createSendClientEvent(broker, activity, clock);
  const refuse = createRefuseMessage(hub, activity, options.onBug);
  const graces = new PresenceGraces(clock);
  const readCachedEvent = createReadCachedEvent(broker);
  return {
    open: createOpenConnection({ registry, hub }, quota, activity, {
      clock,
      activityTimeoutS: options.activityTimeoutS,
    }),
    handleMessage: createHandleMessage(
      { registry, hub },
      { subscribe, unsubscribe, signIn, sendClientEvent },
      { admit: createAdmitMessage(registry, refuse, clock, new ByteBudget(options.waitingBytesMax)), refuse },
      activity,
    ),
    afterClose: createAfterClose({ registry, hub, memory }, unsubscribe, watchlist, activity, {
      graces,
      onBug: options.onBug,
    }),
    endGraces: () => graces.endAll(),
    closeUnauthorized: createCloseUnauthorized(registry, hub, clock),
    publish: createPublish(broker, activity),
    readCachedEvent,
    readHistory: createReadHistory(broker),
    readChannels: createReadChannels(roster, readCachedEvent),
    terminateUser: createTerminateUser(hub, bus),
    subscriptionBudget: memory.budget,
  };
}
