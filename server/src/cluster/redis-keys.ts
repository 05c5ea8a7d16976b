/** The names of keys and Redis channels. The hash tag between braces selects the server of a Redis Cluster. */

export class RedisKeys {
  readonly prefix: string;

  /** @param prefix of every name, so that several installations can share a server */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** The prefix of all keys of a channel; also the name of its line. */
  channel(appId: string, channel: string): string {
    return `${this.prefix}{${appId}/${channel}}`;
  }

  /** The line of the answers to a node. */
  answers(nodeId: string): string {
    return `${this.prefix}node:${nodeId}:answers`;
  }

  /** In a Redis Cluster: the line of the answers to a node that concern a channel, on the same server as the channel. */
  answersOf(channelKey: string, nodeId: string): string {
    return `${channelKey}:node:${nodeId}`;
  }

  /** The set of nodes on which a user is signed in; also the line of the user's online and offline changes. */
  user(appId: string, userId: string): string {
    return `${this.prefix}{${appId}/user:${encodeURIComponent(userId)}}`;
  }

  /** The set of an app's occupied channels. It may contain unoccupied ones, and misses an occupied one only briefly. */
  occupied(appId: string): string {
    return `${this.prefix}app:${appId}:channels`;
  }

  /** The set of a node's contributions: `c app channel` and `u app user`. */
  contributions(nodeId: string): string {
    return `${this.prefix}node:${nodeId}:in`;
  }

  lease(nodeId: string): string {
    return `${this.prefix}node:${nodeId}:lease`;
  }

  sweepLock(nodeId: string): string {
    return `${this.prefix}node:${nodeId}:sweep`;
  }

  probe(nodeId: string): string {
    return `${this.prefix}node:${nodeId}:probe`;
  }

  /** The token bucket of a rate limit. */
  rate(name: string): string {
    return `${this.prefix}rate:${encodeURIComponent(name)}`;
  }

  /** The claim or the answer of the request with this idempotency key. */
  idempotency(appId: string, key: string): string {
    return `${this.prefix}app:${appId}:once:${encodeURIComponent(key)}`;
  }

  /** The id of the node that holds an HTTP session. */
  session(session: string): string {
    return `${this.prefix}session:${encodeURIComponent(session)}`;
  }

  /** Hash, node id → its latest report. */
  get nodes(): string {
    return `${this.prefix}nodes`;
  }

  /** Hash, node id → its last report, and when it was swept. */
  get departed(): string {
    return `${this.prefix}departed`;
  }

  /** A random value, created by the first node. A changed value shows that Redis lost its data. */
  get epoch(): string {
    return `${this.prefix}epoch`;
  }

  /** A hash of the master key and the database that all nodes of an installation share. */
  get installation(): string {
    return `${this.prefix}installation`;
  }

  /** The Redis channel that all nodes follow; also the stream of its latest messages. */
  get bus(): string {
    return `${this.prefix}bus`;
  }

  /** The Redis channel of the answers to one node's questions. */
  busOf(nodeId: string): string {
    return `${this.prefix}bus:${nodeId}`;
  }

  topic(topic: string): string {
    return `${this.prefix}topic:${encodeURIComponent(topic)}`;
  }
}
