/** The connections of this node, by app, socket and user, and the way to a channel's subscribers here. */
import type { Connection, Socket } from "./connection.ts";

/** The runtime's own fan-out: one call reaches every subscriber, with no loop on our side. */
export interface Topics {
  publish(topic: string, frame: string): unknown;
  /** To every subscriber but one socket. */
  publishExcept(topic: string, frame: string, socket: Socket): unknown;
  /** Sockets of this node subscribed to the topic. */
  subscriberCount(topic: string): number;
}

/** Topics on which a frame may wait for a moment before it goes. */
export interface ReleasableTopics extends Topics {
  /** Sends at once what waits for the topic, and what came before that. */
  release(topic: string): void;
  /** Sends at once whatever waits in the app. */
  releaseApp(appId: string): void;
}

interface LocalApp {
  readonly connections: Map<string, Connection>;
  /** Signed-in connections by user id. */
  readonly users: Map<string, Set<Connection>>;
  /** Connections that must still show who they are, the oldest first. */
  readonly unauthorized: Set<Connection>;
}

const noConnections: ReadonlySet<Connection> = new Set();

export class Hub {
  readonly #topics: ReleasableTopics;
  readonly #apps = new Map<string, LocalApp>();
  #connectionCount = 0;

  constructor(topics: ReleasableTopics) {
    this.#topics = topics;
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  add(connection: Connection, mustAuthorize: boolean): void {
    const app = this.#app(connection.appId);
    app.connections.set(connection.socketId, connection);
    if (mustAuthorize) app.unauthorized.add(connection);
    this.#connectionCount += 1;
  }

  remove(connection: Connection): void {
    const app = this.#apps.get(connection.appId);
    if (app === undefined || !app.connections.delete(connection.socketId)) return;
    app.unauthorized.delete(connection);
    this.#connectionCount -= 1;
    if (app.connections.size === 0) this.#apps.delete(connection.appId);
  }

  find(appId: string, socketId: string): Connection | null {
    return this.#apps.get(appId)?.connections.get(socketId) ?? null;
  }

  connections(appId: string): Iterable<Connection> {
    return this.#apps.get(appId)?.connections.values() ?? noConnections;
  }

  *allConnections(): Iterable<Connection> {
    for (const app of this.#apps.values()) yield* app.connections.values();
  }

  /** Open connections by app; apps without any are left out. */
  connectionCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [appId, { connections }] of this.#apps)
      if (connections.size > 0) counts.set(appId, connections.size);
    return counts;
  }

  connectionCountOf(appId: string): number {
    return this.#apps.get(appId)?.connections.size ?? 0;
  }

  /** Those of an app that have shown who they are, or need not. */
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

  /** The connections of an app that must still show who they are, the oldest first. */
  unauthorized(appId: string): Iterable<Connection> {
    return this.#apps.get(appId)?.unauthorized ?? noConnections;
  }

  /** Puts the connection on a topic, for what is sent from now on. */
  enter(topic: string, connection: Connection): void {
    this.#topics.release(topic);
    connection.socket.subscribe(topic);
  }

  /** Takes the connection off a topic; what was sent before reaches it. */
  leave(topic: string, connection: Connection): void {
    this.#topics.release(topic);
    connection.socket.unsubscribe(topic);
  }

  /** Closes the connection, after what was sent to its topics before. */
  close(connection: Connection, code: number, reason: string): void {
    this.#topics.releaseApp(connection.appId);
    connection.close(code, reason);
  }

  /** Sends the frame to the connection alone, after what was sent to its topics before. */
  send(connection: Connection, frame: string): void {
    this.#topics.releaseApp(connection.appId);
    connection.send(frame);
  }

  /** Whether anybody here is on the topic: what nobody receives need not be encoded. */
  hasSubscribers(topic: string): boolean {
    return this.#topics.subscriberCount(topic) > 0;
  }

  /** Sends a frame to everybody here who is on the topic, but to one socket; answers how many that is. */
  deliver(topic: string, frame: string, except: Connection | null): number {
    const subscribers = this.#topics.subscriberCount(topic);
    if (subscribers === 0) return 0;
    if (except === null) {
      this.#topics.publish(topic, frame);
      return subscribers;
    }
    this.#topics.publishExcept(topic, frame, except.socket);
    return except.subscriptions.has(channelOfTopic(topic)) ? subscribers - 1 : subscribers;
  }

  #app(appId: string): LocalApp {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      app = { connections: new Map(), users: new Map(), unauthorized: new Set() };
      this.#apps.set(appId, app);
    }
    return app;
  }
}

/** The name that the runtime knows a channel by. Ids are numeric, so the slash is unambiguous. */
export function channelTopic(appId: string, channel: string): string {
  return `${appId}/${channel}`;
}

/** Those who watch a user; no channel name starts like this. */
export function watchTopic(appId: string, userId: string): string {
  return `${appId}/#watch-${userId}`;
}

export function appIdOfTopic(topic: string): string {
  return topic.slice(0, topic.indexOf("/"));
}

function channelOfTopic(topic: string): string {
  return topic.slice(topic.indexOf("/") + 1);
}
