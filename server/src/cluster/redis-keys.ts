/** The names of keys and lines. What is between braces decides the server of a cluster that holds the key. */

export class RedisKeys {
  readonly prefix: string;

  /** @param prefix begins every name, so that several installations can share a server */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** What the names of all keys of a channel begin with; also the name of its line. */
  channel(appId: string, channel: string): string {
    return `${this.prefix}{${appId}/${channel}}`;
  }

  /** Where a node gets the answers to its joins of a channel: in the order of the channel's line. */
  answers(channelKey: string, nodeId: string): string {
    return `${channelKey}:node:${nodeId}`;
  }

  /** The set of nodes that a user is signed in on; also the line that tells when the user comes and goes. */
  user(appId: string, userId: string): string {
    return `${this.prefix}{${appId}/user:${encodeURIComponent(userId)}}`;
  }

  /** The set of an app's occupied channels. It may hold some that are not, never the other way round for long. */
  occupied(appId: string): string {
    return `${this.prefix}app:${appId}:channels`;
  }

  /** The set of what a node contributes to: `c app channel` and `u app user`. */
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

  /** The bucket of an app's request rate. */
  rate(appId: string): string {
    return `${this.prefix}app:${appId}:rate`;
  }

  /** Who works on a request with this key, or what it was answered. */
  idempotency(appId: string, key: string): string {
    return `${this.prefix}app:${appId}:once:${encodeURIComponent(key)}`;
  }

  /** Hash, node → what it told of itself. */
  get nodes(): string {
    return `${this.prefix}nodes`;
  }

  /** Hash, node → what it told last, and when it was swept. */
  get departed(): string {
    return `${this.prefix}departed`;
  }

  /** Random, made by whoever finds none: it tells that the engine lost its data. */
  get epoch(): string {
    return `${this.prefix}epoch`;
  }

  /** What all nodes of an installation must share: its master key and its database, as a hash. */
  get installation(): string {
    return `${this.prefix}installation`;
  }

  /** The line that all nodes hear. */
  get bus(): string {
    return `${this.prefix}bus`;
  }

  /** The line of answers to one node's questions. */
  busOf(nodeId: string): string {
    return `${this.prefix}bus:${nodeId}`;
  }

  topic(topic: string): string {
    return `${this.prefix}topic:${encodeURIComponent(topic)}`;
  }
}
