/**
 * Groups the errors of each app by cause and hour, and saves the groups. A frequent error only increases the count of
 * its group, so it replaces no other error.
 */
import { createHash } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { causePattern } from "../core/cause-pattern.ts";
import type { Clock } from "../core/ports/clock.ts";
import {
  affectedMax,
  type ErrorCause,
  type ErrorHour,
  type ErrorSample,
  type ErrorStore,
  samplesMax,
} from "../core/ports/error-store.ts";
import { sdkName } from "../protocol/handshake.ts";
import { ownText } from "../protocol/own-text.ts";

const hourMs = 3_600_000;
const keptForMs = 7 * 24 * hourMs;
/** The maximum number of causes of an app in an hour. All further causes form one group. */
const causesPerAppMax = 50;
/** The maximum number of groups in memory. While it is reached, errors with new causes are not recorded. */
const groupsMax = 2_000;
const textLengthMax = 300;

type ErrorDetails = Omit<ErrorSample, "sequence" | "atMs" | "errors"> &
  Omit<ErrorCause, "channelPattern" | "reasonPattern">;

interface Group extends Omit<ErrorHour, "nodeId" | "socketIds" | "addresses" | "newest"> {
  errors: number;
  lastMs: number;
  savedErrors: number;
  readonly socketIds: Set<string>;
  readonly addresses: Set<string>;
  readonly newest: ErrorSample[];
}

export class ErrorHours {
  readonly #nodeId: string;
  readonly #registry: Pick<AppRegistry, "byId">;
  readonly #store: ErrorStore;
  readonly #clock: Clock;
  /** By app, hour and group. */
  readonly #groups = new Map<string, Group>();
  /** By app and hour. */
  readonly #causeCounts = new Map<string, number>();
  #saving: Promise<void> | null = null;

  constructor(
    activity: ActivityFeed,
    { nodeId, registry, clock }: { nodeId: string; registry: Pick<AppRegistry, "byId">; clock: Clock },
    store: ErrorStore,
  ) {
    this.#nodeId = nodeId;
    this.#registry = registry;
    this.#store = store;
    this.#clock = clock;
    this.#listen(activity);
  }

  /** The app's saved hours of the last seven days, of all nodes. Call `save` on every node first. */
  list({ id, createdAtMs }: { readonly id: string; readonly createdAtMs: number }): Promise<ErrorHour[]> {
    return this.#store.list(id, Math.max(createdAtMs, this.#clock.now() - keptForMs));
  }

  /** The saved errors of this hour and the previous one, by app id, on all nodes. */
  async recent(): Promise<{ readonly sinceMs: number; readonly byApp: ReadonlyMap<string, number> }> {
    const sinceMs = hourOf(this.#clock.now()) - hourMs;
    return { sinceMs, byApp: await this.#store.totals(sinceMs) };
  }

  /** Saves the changes since the last call. @throws if the store is unavailable; the next call saves them */
  async save(): Promise<void> {
    // A running save may not include the latest changes.
    await this.#saving?.catch(() => undefined);
    this.#saving ??= this.#saveChanged().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  prune(): Promise<void> {
    return this.#store.prune(this.#clock.now() - keptForMs);
  }

  async #saveChanged(): Promise<void> {
    for (const [key, { appId }] of this.#groups)
      if (this.#registry.byId(appId) === null) this.#groups.delete(key);
    const changed = [...this.#groups.values()].filter(({ errors, savedErrors }) => errors > savedErrors);
    const counts = changed.map(({ errors }) => errors);
    if (changed.length > 0) await this.#store.save(changed.map((group) => this.#hourOf(group)));
    changed.forEach((group, at) => {
      group.savedErrors = counts[at] ?? 0;
    });
    const runningMs = hourOf(this.#clock.now());
    for (const [key, group] of this.#groups)
      if (group.hourMs < runningMs && group.errors === group.savedErrors) this.#groups.delete(key);
    for (const key of this.#causeCounts.keys())
      if (!key.endsWith(` ${runningMs}`)) this.#causeCounts.delete(key);
  }

  #hourOf({ savedErrors: _, socketIds, addresses, newest, ...group }: Group): ErrorHour {
    return {
      ...group,
      nodeId: this.#nodeId,
      socketIds: [...socketIds],
      addresses: [...addresses],
      newest: [...newest],
    };
  }

  #listen(activity: ActivityFeed): void {
    activity.on("message_refused", ({ appId, connection, type, channel, code, message: reason }) => {
      const { socketId, peer } = connection;
      const sdk = sdkName(peer.handshake);
      this.#add(appId, { type, code, route: null, reason, channel, socketId, sdk, address: peer.address });
    });
    activity.on("handshake_refused", ({ appId, type, code, reason, sender }) => {
      if (appId !== null)
        this.#add(appId, { type, code, route: null, reason, channel: null, socketId: null, ...sender });
    });
    activity.on("api_request", ({ appId, type, status, method, route, failure }) => {
      if (appId === null || failure === null) return;
      const { reason, sender } = failure;
      const what = { type, code: status, route: `${method} ${route}`, reason };
      this.#add(appId, { ...what, channel: null, socketId: null, ...sender });
    });
    activity.on("api_request_refused", ({ appId, type, status, method, route, reason, sender, requests }) => {
      const what = { type, code: status, route: `${method} ${route}`, reason };
      this.#add(appId, { ...what, channel: null, socketId: null, ...sender }, requests);
    });
  }

  #add(appId: string, error: ErrorDetails, errors = 1): void {
    const { type, code, route, sdk, address, socketId } = error;
    const channel = error.channel === null ? null : shortened(error.channel);
    const reason = shortened(error.reason);
    const channelPattern = channel === null ? null : causePattern(channel);
    const cause = { type, code, route, channelPattern, reasonPattern: causePattern(reason), sdk };
    const group = this.#groupOf(appId, cause);
    if (group === null) return;
    const atMs = this.#clock.now();
    group.errors += errors;
    group.lastMs = atMs;
    if (socketId !== null && group.socketIds.size < affectedMax) group.socketIds.add(socketId);
    if (address !== "" && group.addresses.size < affectedMax) group.addresses.add(address);
    group.newest.push({ sequence: group.errors, atMs, reason, channel, socketId, address, sdk, errors });
    if (group.newest.length > samplesMax) group.newest.shift();
  }

  /** Null if there are too many groups. */
  #groupOf(appId: string, given: ErrorCause): Group | null {
    const nowMs = this.#clock.now();
    const countKey = `${appId} ${hourOf(nowMs)}`;
    const known = this.#groups.get(`${countKey} ${idOf(given)}`);
    if (known !== undefined) return known;
    const causes = this.#causeCounts.get(countKey) ?? 0;
    const cause = causes < causesPerAppMax ? given : furtherCauses(given.type);
    const groupId = idOf(cause);
    const key = `${countKey} ${groupId}`;
    const further = this.#groups.get(key);
    if (further !== undefined) return further;
    if (this.#groups.size >= groupsMax) return null;
    this.#causeCounts.set(countKey, causes + 1);
    const group: Group = {
      appId,
      groupId,
      hourMs: hourOf(nowMs),
      cause,
      errors: 0,
      firstMs: nowMs,
      lastMs: nowMs,
      savedErrors: 0,
      socketIds: new Set(),
      addresses: new Set(),
      newest: [],
    };
    this.#groups.set(key, group);
    return group;
  }
}

function furtherCauses(type: ErrorCause["type"]): ErrorCause {
  const reasonPattern = `Further causes: there were more than ${causesPerAppMax} in this hour`;
  return { type, code: null, route: null, channelPattern: null, reasonPattern, sdk: null };
}

function hourOf(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

function idOf(cause: ErrorCause): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.values(cause)))
    .digest("hex")
    .slice(0, 16);
}

function shortened(text: string): string {
  return text.length <= textLengthMax ? text : ownText(`${text.slice(0, textLengthMax)}…`);
}
