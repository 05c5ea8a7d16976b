/** The connections of this node, by app, socket id and user, and the delivery to the subscribers of a topic. */
import { KeyedTable } from "./collections/keyed-table.ts";
import type { Connection, Socket } from "./connection.ts";

/**
 * Who receives which frames on this node. A topic of an app is the name of a channel, or the watchers of a user: see
 * `watchTopic`.
 */
export interface Topics {
  /** Adds a subscriber. It receives only frames that are sent from now on. */
  enter(appId: string, topic: string, socket: Socket): void;
  /** Removes a subscriber. It still receives frames that were sent before. No effect if it is not subscribed. */
  leave(appId: string, topic: string, socket: Socket): void;
  /** Sends a frame to every subscriber, or to all except one socket. */
  publish(appId: string, topic: string, frame: string, except: Socket | null): void;
  subscriberCount(appId: string, topic: string): number;
}

/** Topics that may delay frames for some milliseconds. */
export interface HoldingTopics extends Topics {
  /** Sends all waiting frames of the app immediately. */
  release(appId: string): void;
}

interface LocalApp {
  /** By socket id. */
  readonly connections: KeyedTable<Connection>;
  /** Signed-in connections by user id. */
  readonly users: Map<string, Set<Connection>>;
  /** Connections that still have to authorize, oldest first. */
  readonly unauthorized: Set<Connection>;
}

const noConnections: ReadonlySet<Connection> = new Set();

export class Hub {
  readonly #topics: HoldingTopics;
  readonly #apps = new Map<string, LocalApp>();
  #connectionCount = 0;

  constructor(topics: HoldingTopics) {
    this.#topics = topics;
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  add(connection: Connection, mustAuthorize: boolean): void {
    const app = this.#app(connection.appId);
    app.connections.add(connection);
    if (mustAuthorize) app.unauthorized.add(connection);
    this.#connectionCount += 1;
  }

  /** Removes a closed connection, and unsubscribes it from its topics. */
  remove(connection: Connection): void {
    const app = this.#apps.get(connection.appId);
    if (app === undefined || !app.connections.delete(connection.socketId)) return;
    app.unauthorized.delete(connection);
    this.#connectionCount -= 1;
    for (const channel of connection.subscriptions.keys()) this.leave(connection, channel);
    for (const watched of connection.user?.watchlist ?? []) this.leave(connection, watchTopic(watched));
    if (app.connections.size === 0) this.#apps.delete(connection.appId);
  }

  find(appId: string, socketId: string): Connection | null {
    return this.#apps.get(appId)?.connections.get(socketId) ?? null;
  }

  /** Copy them before you close any. */
  connections(appId: string): Iterable<Connection> {
    return this.#apps.get(appId)?.connections ?? noConnections;
  }

  /** Copy them before you close any. */
  *allConnections(): Iterable<Connection> {
    for (const app of this.#apps.values()) yield* app.connections;
  }

  /** Open connections by app; apps without any are left out. */
  connectionCounts(): ReadonlyMap<string, number> {
    return this.#counts(({ connections }) => connections.size);
  }

  /** The number of connections that still have to authorize, by app id; apps without any are left out. */
  unauthorizedCounts(): ReadonlyMap<string, number> {
    return this.#counts(({ unauthorized }) => unauthorized.size);
  }

  connectionCountOf(appId: string): number {
    return this.#apps.get(appId)?.connections.size ?? 0;
  }

  /** The app's connections that have authorized or need not. */
  authorizedCountOf(appId: string): number {
    const app = this.#apps.get(appId);
    return app === undefined ? 0 : app.connections.size - app.unauthorized.size;
  }

  addUser(userId: string, connection: Connection): void {
    const { users } = this.#app(connection.appId);
    const known = users.get(userId);
    if (known === undefined) users.set(userId, new Set([connection]));
    else known.add(connection);
  }

  removeUser(userId: string, connection: Connection): void {
    const users = this.#apps.get(connection.appId)?.users;
    const known = users?.get(userId);
    if (known?.delete(connection) && known.size === 0) users?.delete(userId);
  }

  connectionsOfUser(appId: string, userId: string): Iterable<Connection> {
    return this.#apps.get(appId)?.users.get(userId) ?? noConnections;
  }

  isAuthorized(connection: Connection): boolean {
    return this.#apps.get(connection.appId)?.unauthorized.has(connection) !== true;
  }

  markAuthorized(connection: Connection): void {
    this.#apps.get(connection.appId)?.unauthorized.delete(connection);
  }

  /** The app's connections that still have to authorize, oldest first. */
  unauthorized(appId: string): Iterable<Connection> {
    return this.#apps.get(appId)?.unauthorized ?? noConnections;
  }

  /** Subscribes the connection to a topic. It receives only frames that are sent from now on. */
  enter({ appId, socket }: Connection, topic: string): void {
    this.#topics.enter(appId, topic, socket);
  }

  /** Unsubscribes the connection from a topic. It still receives frames that were sent before. */
  leave({ appId, socket }: Connection, topic: string): void {
    this.#topics.leave(appId, topic, socket);
  }

  /** Closes the connection after all earlier frames of its topics are sent. */
  close(connection: Connection, code: number, reason: string): void {
    this.#topics.release(connection.appId);
    connection.close(code, reason);
  }

  /** Sends the frame to the connection after all earlier frames of its topics. */
  send(connection: Connection, frame: string): void {
    this.#topics.release(connection.appId);
    connection.send(frame);
  }

  /** The topic's subscribers on this node. If there are none, a frame need not be encoded. */
  subscriberCount(appId: string, topic: string): number {
    return this.#topics.subscriberCount(appId, topic);
  }

  /** Sends a frame to the topic's subscribers on this node, except one connection. */
  deliver(appId: string, topic: string, frame: string, except: Connection | null = null): void {
    this.#topics.publish(appId, topic, frame, except === null ? null : except.socket);
  }

  #counts(countOf: (app: LocalApp) => number): ReadonlyMap<string, number> {
    const counts = Array.from(this.#apps, ([appId, app]) => [appId, countOf(app)] as const);
    return new Map(counts.filter(([, count]) => count > 0));
  }

  #app(appId: string): LocalApp {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      app = {
        connections: new KeyedTable(({ socketId }) => socketId),
        users: new Map(),
        unauthorized: new Set(),
      };
      this.#apps.set(appId, app);
    }
    return app;
  }
}

/** The topic of the connections that watch a user. No channel name starts with `#watch-`. */
export function watchTopic(userId: string): string {
  return `#watch-${userId}`;
}
