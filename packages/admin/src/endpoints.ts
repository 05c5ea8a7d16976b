/** The shapes of the admin API. Written by `npm run docs` from its OpenAPI document: do not change it here. */

/** The requests of the admin API, with their parameters and answers. `Response`: a stream of events or lines. */
export interface Endpoints {
  /** List the apps that the caller may see */
  "GET /apps": {
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      /** Part of the name, id or key */
      search?: string | undefined;
    };
    answer: {
      apps: Array<App>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
    };
  };
  /** Create an app; omitted credentials are generated */
  "POST /apps": {
    body?: {
      name?: string | undefined;
      id?: string | undefined;
      key?: string | undefined;
      secret?: string | undefined;
      settings?: AppSettingsPatch | undefined;
    };
    answer: {
      app: App;
      secret: SecretWithValue;
      /** Warnings about the given values, such as a short secret */
      warnings: Array<string>;
    };
  };
  /** One app */
  "GET /apps/{appId}": {
    path: {
      appId: string;
    };
    answer: {
      app: App;
    };
  };
  /** Change the name, state or settings; takes effect immediately */
  "PATCH /apps/{appId}": {
    path: {
      appId: string;
    };
    body?: {
      name?: string | undefined;
      isEnabled?: boolean | undefined;
      settings?: AppSettingsPatch | undefined;
    };
    answer: {
      app: App;
    };
  };
  /** Delete an app and close its connections */
  "DELETE /apps/{appId}": {
    path: {
      appId: string;
    };
    answer: undefined;
  };
  /** List the app's secrets without their values, and when each was last used */
  "GET /apps/{appId}/secrets": {
    path: {
      appId: string;
    };
    answer: SecretsAnswer;
  };
  /** Create a pending secret that is accepted in addition to the active one */
  "POST /apps/{appId}/secrets/rotate": {
    path: {
      appId: string;
    };
    body?: {
      /** Replace an existing pending secret */
      force?: boolean | undefined;
      /** Revoke the old secret immediately, for emergencies */
      activate?: boolean | undefined;
      /** With `activate`: close the connections that the old secret authorized */
      closeConnections?: boolean | undefined;
    };
    answer: {
      secret: SecretWithValue;
    };
  };
  /** Activate the pending secret and revoke the old one */
  "POST /apps/{appId}/secrets/activate": {
    path: {
      appId: string;
    };
    body?: {
      /** Activate even if the old secret was used recently */
      force?: boolean | undefined;
    };
    answer: {
      secret: Secret;
    };
  };
  /** Delete the pending secret */
  "POST /apps/{appId}/secrets/cancel": {
    path: {
      appId: string;
    };
    answer: {
      secret: Secret;
    };
  };
  /** The value of a secret; recorded in the audit log */
  "POST /apps/{appId}/secrets/{secretId}/reveal": {
    path: {
      appId: string;
      secretId: string;
    };
    answer: {
      value: string;
    };
  };
  /** The settings of a channel after its channel rule is applied */
  "GET /apps/{appId}/channel-settings": {
    path: {
      appId: string;
    };
    query: {
      channel: string;
    };
    answer: {
      /** The index of the matching rule, from 0; null: no rule matches */
      rule: number | null;
      settings: Record<string, number | boolean>;
    };
  };
  /** The stored events of a channel */
  "GET /apps/{appId}/channels/{channel}/history": {
    path: {
      appId: string;
      channel: string;
    };
    query?: {
      /** backwards: newest first */
      direction?: "forwards" | "backwards" | undefined;
      /** The first offset */
      from?: number | undefined;
      /** Only events from this time on */
      since?: string | undefined;
      /** Only events up to this time */
      until?: string | undefined;
      limit?: number | undefined;
    };
    answer: {
      /** Null if the channel has no history, or nothing was published */
      epoch: string | null;
      events: Array<HistoryEvent>;
      /** The `from` of the next page */
      next: number | null;
    };
  };
  /** Occupied channels by name */
  "GET /apps/{appId}/channels": {
    path: {
      appId: string;
    };
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      prefix?: string | undefined;
    };
    answer: {
      channels: Array<ChannelSummary>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
    };
  };
  /** One channel: members, subscribers, cached event */
  "GET /apps/{appId}/channels/{channel}": {
    path: {
      appId: string;
      channel: string;
    };
    answer: {
      channel: Channel;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** Open connections, oldest first */
  "GET /apps/{appId}/connections": {
    path: {
      appId: string;
    };
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      channel?: string | undefined;
      userId?: string | undefined;
      /** A prefix of the socket id, the address, or the id of the user or member */
      search?: string | undefined;
    };
    answer: {
      connections: Array<Connection>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** Recently closed connections and their reasons, newest first */
  "GET /apps/{appId}/connections/closed": {
    path: {
      appId: string;
    };
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      /** A prefix of the socket id, the address, or the id of the user or member */
      search?: string | undefined;
    };
    answer: {
      connections: Array<ClosedConnection>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
      rememberedSince: string;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** One open connection */
  "GET /apps/{appId}/connections/{socketId}": {
    path: {
      appId: string;
      socketId: string;
    };
    answer: {
      connection: Connection;
    };
  };
  /** Close a connection; its client does not reconnect by itself */
  "DELETE /apps/{appId}/connections/{socketId}": {
    path: {
      appId: string;
      socketId: string;
    };
    answer: undefined;
  };
  /** The timeline of an open or recently closed connection */
  "GET /apps/{appId}/connections/{socketId}/timeline": {
    path: {
      appId: string;
      socketId: string;
    };
    answer: TimelineAnswer;
  };
  /** The app's webhooks */
  "GET /apps/{appId}/webhooks": {
    path: {
      appId: string;
    };
    answer: {
      webhooks: Array<WebhookInUse>;
    };
  };
  /** Create a webhook; takes effect immediately */
  "POST /apps/{appId}/webhooks": {
    path: {
      appId: string;
    };
    body: {
      url: string;
      events: Array<WebhookEventType>;
      /** Several events in one request, or exactly one */
      batching?: boolean | undefined;
      /** Every given kind must match. In a glob, * matches any characters and ? matches one */
      filters?: {
        /** One or several; the channel's name must match one of them */
        prefix?: string | Array<string> | undefined;
        /** One or several; the channel's name must match one of them */
        suffix?: string | Array<string> | undefined;
        /** One or several; the channel's name must match one of them */
        glob?: string | Array<string> | undefined;
      } | undefined;
      /** Sent with each request; their values are never shown again */
      headers?: Record<string, string> | undefined;
      enabled?: boolean | undefined;
    };
    answer: {
      webhook: Webhook;
    };
  };
  /** One webhook */
  "GET /apps/{appId}/webhooks/{webhookId}": {
    path: {
      appId: string;
      webhookId: string;
    };
    answer: {
      webhook: WebhookInUse;
    };
  };
  /** Change the given values */
  "PATCH /apps/{appId}/webhooks/{webhookId}": {
    path: {
      appId: string;
      webhookId: string;
    };
    body?: {
      url?: string | undefined;
      events?: Array<WebhookEventType> | undefined;
      batching?: boolean | undefined;
      /** Every given kind must match. In a glob, * matches any characters and ? matches one */
      filters?: {
        /** One or several; the channel's name must match one of them */
        prefix?: string | Array<string> | undefined;
        /** One or several; the channel's name must match one of them */
        suffix?: string | Array<string> | undefined;
        /** One or several; the channel's name must match one of them */
        glob?: string | Array<string> | undefined;
      } | undefined;
      /** Sent with each request; their values are never shown again */
      headers?: Record<string, string> | undefined;
      enabled?: boolean | undefined;
    };
    answer: {
      webhook: Webhook;
    };
  };
  /** Delete a webhook with its deliveries */
  "DELETE /apps/{appId}/webhooks/{webhookId}": {
    path: {
      appId: string;
      webhookId: string;
    };
    answer: undefined;
  };
  /** Send a test event once and return the response */
  "POST /apps/{appId}/webhooks/{webhookId}/test": {
    path: {
      appId: string;
      webhookId: string;
    };
    answer: {
      isDelivered: boolean;
      attempt: Attempt;
      /** The network's error if there was no response; null for callers who do not operate the server */
      detail: string | null;
    };
  };
  /** Pending, delivered and failed events, newest first */
  "GET /apps/{appId}/webhooks/{webhookId}/deliveries": {
    path: {
      appId: string;
      webhookId: string;
    };
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      state?: "pending" | "delivered" | "dead" | undefined;
    };
    answer: {
      deliveries: Array<Delivery>;
      /** Null on the last page */
      nextCursor: string | null;
    };
  };
  /** Send a finished delivery again, with all events of its request */
  "POST /apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay": {
    path: {
      appId: string;
      webhookId: string;
      deliveryId: string;
    };
    answer: undefined;
  };
  /** Send all given-up deliveries again */
  "POST /apps/{appId}/webhooks/{webhookId}/replay": {
    path: {
      appId: string;
      webhookId: string;
    };
    answer: {
      /** Deliveries that are pending again */
      replayed: number;
    };
  };
  /** Publish an event, like a backend */
  "POST /apps/{appId}/events": {
    path: {
      appId: string;
    };
    body: {
      name: string;
      /** Sent unchanged; usually JSON */
      data: string;
      channels: Array<string>;
      /** The excluded connection */
      socketId?: string | undefined;
    };
    answer: PublishAnswer;
  };
  /** Authorize a subscription, like a backend */
  "POST /apps/{appId}/channel-authorizations": {
    path: {
      appId: string;
    };
    body: {
      socketId: string;
      channel: string;
      channelData?: string | undefined;
    };
    answer: {
      auth: string;
      channel_data?: string;
    };
  };
  /** Authenticate a user, like a backend */
  "POST /apps/{appId}/user-authentications": {
    path: {
      appId: string;
    };
    body: {
      socketId: string;
      userData: string;
    };
    answer: {
      auth: string;
      user_data: string;
    };
  };
  /** The live feed of the app, as server-sent events: `activity`, `gap`, `position` and `end` */
  "GET /apps/{appId}/live": {
    path: {
      appId: string;
    };
    query?: {
      /** Types of entries */
      type?: string | undefined;
      /** Channels; a trailing * matches any suffix */
      channel?: string | undefined;
      userId?: string | undefined;
      socketId?: string | undefined;
      /** The id of the last received event, like `Last-Event-ID`; `kept`: first send all stored entries */
      after?: string | undefined;
    };
    answer: Response;
  };
  /** The stored entries of the live feed in a time, newest first */
  "GET /apps/{appId}/activity": {
    path: {
      appId: string;
    };
    query: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      /** Types of entries */
      type?: string | undefined;
      /** Channels; a trailing * matches any suffix */
      channel?: string | undefined;
      userId?: string | undefined;
      socketId?: string | undefined;
      from: string;
      to?: string | undefined;
    };
    answer: {
      /** Connections, subscriptions, events and errors. The live feed has more types */
      entries: Array<LiveEntry>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
      rememberedSince: string;
      /** False: publishLogMax is 0, so no events are stored */
      hasPublishes: boolean;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** Find users by the start of their id, in all apps that the caller may see */
  "GET /users": {
    query: {
      search: string;
    };
    answer: {
      /** At most 20, of open and recently closed connections */
      users: Array<{
        appId: string;
        appName: string;
        userId: string;
      }>;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The app's latest published events with sender and recipients, newest first; with `userId`: whether each was sent to the user */
  "GET /apps/{appId}/published": {
    path: {
      appId: string;
    };
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      channel?: string | undefined;
      event?: string | undefined;
      /** Only events of channels to which the user's connections were subscribed, or of `channel` */
      userId?: string | undefined;
    };
    answer: {
      published: Array<Published>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
      rememberedSince: string;
      /** False: publishLogMax is 0, so nothing is stored */
      isOn: boolean;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The app's largest channels and senders: published events and sent messages of each */
  "GET /apps/{appId}/traffic": {
    path: {
      appId: string;
    };
    query?: {
      /** live: the last 10 to 20 seconds. hour: the last 60 to 65 minutes */
      span?: "live" | "hour" | undefined;
    };
    answer: Traffic;
  };
  /** The open and recently closed connections of a user, with their subscriptions over time */
  "GET /apps/{appId}/users/{userId}": {
    path: {
      appId: string;
      userId: string;
    };
    answer: {
      /** Newest first, at most 100 of each node */
      connections: Array<UserConnection>;
      /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
      rememberedSince: string;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The usage of each limit of the app */
  "GET /apps/{appId}/limits": {
    path: {
      appId: string;
    };
    answer: {
      /** Without limits that were not used since the start */
      limits: Array<LimitUse>;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The app's newest errors, newest first */
  "GET /apps/{appId}/errors": {
    path: {
      appId: string;
    };
    answer: {
      /** Refused messages, handshakes and API requests, newest first: at most 100, and at most 20 unauthenticated API requests */
      errors: Array<ErrorEntry>;
      /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
      rememberedSince: string;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The app's errors of the last seven days, grouped by cause */
  "GET /apps/{appId}/error-groups": {
    path: {
      appId: string;
    };
    answer: {
      /** Most recent error first */
      groups: Array<ErrorGroup>;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** A series of counts */
  "GET /apps/{appId}/stats": {
    path: {
      appId: string;
    };
    query?: {
      interval?: "minute" | "hour" | "day" | undefined;
      /** The number of intervals if `from` is absent */
      intervals?: number | undefined;
      from?: string | undefined;
      /** By default now */
      to?: string | undefined;
    };
    answer: StatsAnswer;
  };
  /** The caller and their permissions */
  "GET /me": {
    answer: Me;
  };
  /** The release, and the URLs for clients and backends */
  "GET /server": {
    answer: {
      version: string;
      clients: ClientAddress;
    };
  };
  /** The meaning, default and range of each app setting */
  "GET /setting-rules": {
    answer: {
      rules: Record<string, AppSettingRule>;
    };
  };
  /** Whether webhooks may be sent to services of the server's own computer */
  "GET /localhost-webhooks": {
    answer: {
      isAllowed: boolean;
      /** Why they cannot be allowed; null: they can */
      problem: string | null;
    };
  };
  /** Allow webhooks to services of the server's own computer, if it listens on loopback addresses only */
  "PATCH /localhost-webhooks": {
    body: {
      isAllowed: boolean;
    };
    answer: {
      isAllowed: boolean;
      /** Why they cannot be allowed; null: they can */
      problem: string | null;
    };
  };
  /** The nodes of the server and their health */
  "GET /nodes": {
    answer: {
      /** As last reported, longest running first; stopped and died nodes are last */
      nodes: Array<Node>;
      /** True without Redis: this is the only node */
      isAlone: boolean;
    };
  };
  /** The starts of nodes in a time range */
  "GET /nodes/starts": {
    query: {
      from: string;
      to: string;
    };
    answer: {
      /** Oldest first. The server stores the latest 1,000 starts */
      starts: Array<NodeStart>;
    };
  };
  /** Problems that need attention, in all apps that the caller may see */
  "GET /attention": {
    answer: {
      /** At most 100; empty if nothing needs attention */
      items: Array<AttentionItem>;
      total: number;
    };
  };
  /** The usage of each limit of the server, on each node */
  "GET /limits": {
    answer: {
      /** Without limits that were not used since the start */
      limits: Array<LimitUse>;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The apps that the caller may see, with their figures of the last hour */
  "GET /board": {
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      /** Part of the name, id or key */
      search?: string | undefined;
      /** webhooks: by condition; limits: by the highest used share */
      sort?: BoardSort | undefined;
      order?: "asc" | "desc" | undefined;
    };
    answer: {
      apps: Array<BoardRow>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** The nodes that did not answer in time: their part is missing here */
      unanswered: Array<NodeName>;
    };
  };
  /** The API tokens without their values */
  "GET /tokens": {
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
    };
    answer: {
      tokens: Array<Token>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
    };
  };
  /** Create an API token */
  "POST /tokens": {
    body: {
      name: string;
      scopes: Array<"admin" | "read" | string>;
      expiresAt?: string | null | undefined;
    };
    answer: {
      token: {
        id: string;
        name: string;
        scopes: Array<string>;
        createdAt: string;
        createdBy: string;
        expiresAt: string | null;
        lastUsedAt: string | null;
        value: string;
      };
    };
  };
  /** Revoke an API token */
  "DELETE /tokens/{tokenId}": {
    path: {
      tokenId: string;
    };
    answer: undefined;
  };
  /** The audit log, newest first */
  "GET /audit": {
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
      appId?: string | undefined;
      actorKind?: "person" | "token" | "adminToken" | "cli" | "server" | "anonymous" | undefined;
      actor?: string | undefined;
      action?: string | undefined;
      /** A part of the action, the target, the actor or the address, such as `rotate` */
      search?: string | undefined;
      from?: string | undefined;
      to?: string | undefined;
    };
    answer: {
      entries: Array<AuditEntry>;
      /** Null on the last page */
      nextCursor: string | null;
    };
  };
  /** The audit log as JSON lines, newest first */
  "GET /audit/export": {
    query?: {
      appId?: string | undefined;
      actorKind?: "person" | "token" | "adminToken" | "cli" | "server" | "anonymous" | undefined;
      actor?: string | undefined;
      action?: string | undefined;
      /** A part of the action, the target, the actor or the address, such as `rotate` */
      search?: string | undefined;
      from?: string | undefined;
      to?: string | undefined;
    };
    answer: Response;
  };
  /** Verify the hash chain of the audit log */
  "GET /audit/verify": {
    query?: {
      /** A `head` from an earlier answer or from the server's log */
      expect?: string | undefined;
    };
    answer: {
      isIntact: boolean;
      entriesChecked: number;
      /** The newest entry and its hash. Store it elsewhere and send it later as `expect` to detect altered or removed entries */
      head: string;
      /** Entries up to this one were removed because of their age; 0: none */
      removedUpTo: number;
      /** The result for `expect`; removed: that entry was removed because of its age; null: see `broken` */
      expected: "found" | "removed" | null;
      broken: {
        sequence: number;
        why: string;
      } | null;
    };
  };
  /** The current login, and the available ways to log in */
  "GET /session": {
    answer: SessionAnswer;
  };
  /** Log in with a password; 429 `too_many_attempts` has the time to wait in Retry-After */
  "POST /session": {
    body: {
      email: string;
      password: string;
    };
    answer: {
      needsSecondFactor: boolean;
    };
  };
  /** Log out */
  "DELETE /session": {
    answer: undefined;
  };
  /** Finish a login with a code of the authenticator or a backup code */
  "POST /session/second-factor": {
    body: {
      kind: "totp";
      code: string;
    } | {
      kind: "backupCode";
      code: string;
    };
    answer: undefined;
  };
  /** Begin a login with OpenID Connect */
  "POST /session/oidc": {
    answer: {
      url: string;
    };
  };
  /** The details of an invitation or setup link; 404 `invitation_gone` if it was used or has expired */
  "POST /invitations/open": {
    body: {
      token: string;
    };
    answer: OpenInvitation;
  };
  /** Create the account of the link, and log in */
  "POST /invitations/accept": {
    body: {
      token: string;
      email?: string | undefined;
      name: string;
      /** At least 10 characters, and not one of the most common passwords */
      password: string;
    };
    answer: undefined;
  };
  /** Change the caller's own name */
  "PATCH /account": {
    body: {
      name: string;
    };
    answer: {
      person: Person;
    };
  };
  /** Change the caller's own password; renews this session (see `GET /session`) and ends the others */
  "POST /account/password": {
    body: {
      currentPassword: string;
      /** At least 10 characters, and not one of the most common passwords */
      newPassword: string;
    };
    answer: undefined;
  };
  /** Create a TOTP secret and backup codes */
  "POST /account/second-factor": {
    body: {
      password: string;
    };
    answer: {
      /** otpauth://…, for a QR code */
      totpUri: string;
      /** Shown only once; each works once */
      backupCodes: Array<string>;
    };
  };
  /** Activate the second factor with one of its codes; renews this session (see `GET /session`) and ends the others */
  "POST /account/second-factor/confirm": {
    body: {
      code: string;
    };
    answer: undefined;
  };
  /** Remove the second factor; renews this session (see `GET /session`) and ends the others */
  "POST /account/second-factor/remove": {
    body: {
      password: string;
      code: {
        kind: "totp";
        code: string;
      } | {
        kind: "backupCode";
        code: string;
      };
    };
    answer: undefined;
  };
  /** The caller's own sessions, newest first */
  "GET /sessions": {
    answer: {
      sessions: Array<Session>;
    };
  };
  /** End all other sessions of the caller */
  "DELETE /sessions": {
    answer: undefined;
  };
  /** End one of the caller's own sessions */
  "DELETE /sessions/{sessionId}": {
    path: {
      sessionId: string;
    };
    answer: undefined;
  };
  /** All accounts, oldest account first, and the open invitations */
  "GET /people": {
    query?: {
      /** Entries per page */
      limit?: number | undefined;
      /** `nextCursor` of the previous page */
      cursor?: string | undefined;
    };
    answer: {
      people: Array<Person>;
      /** On all pages together */
      total: number;
      /** Null on the last page */
      nextCursor: string | null;
      /** All open invitations, on each page */
      invitations: Array<Invitation>;
    };
  };
  /** Change a person's role and apps; takes effect immediately, and ends the person's sessions if they lose permissions */
  "PATCH /people/{personId}": {
    path: {
      personId: string;
    };
    body: {
      role: Role;
      /** The apps that the person may access; null: all. Owners and admins: all. Developers: a list. Viewers: either */
      appIds: Array<string> | null;
    };
    answer: {
      person: Person;
    };
  };
  /** Delete an account and end its sessions */
  "DELETE /people/{personId}": {
    path: {
      personId: string;
    };
    answer: undefined;
  };
  /** Create a link with which one person can create an account */
  "POST /people/invitations": {
    body: {
      email: string;
      role: Role;
      /** The apps that the person may access; null: all. Owners and admins: all. Developers: a list. Viewers: either */
      appIds: Array<string> | null;
    };
    answer: {
      invitation: Invitation;
      /** The link. Its host comes from the configuration, not from the request */
      url: string;
      /** The part of the link after the dashboard's address, such as `/invitation#TOKEN` */
      path: string;
      /** False if no public URL is configured: then `url` works only on the server's own machine */
      isUrlKnown: boolean;
    };
  };
  /** Withdraw an invitation, so that its link stops working */
  "DELETE /people/invitations/{invitationId}": {
    path: {
      invitationId: string;
    };
    answer: undefined;
  };
}

export type ApiRequest = {
  id: string;
  at: string;
  type: "api_request";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  method: string;
  route: string;
  status: number;
  durationMs: number;
  /** Null if the request succeeded */
  failure: {
    reason: string;
    sender: Sender;
  } | null;
};

export type ApiRequestRefused = {
  id: string;
  at: string;
  type: "api_request_refused";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  method: string;
  route: string;
  status: number;
  reason: string;
  sender: Sender;
  /** The number of requests with this cause since the previous entry; the other fields describe the latest request */
  requests: number;
};

export type App = {
  id: string;
  key: string;
  name: string;
  isEnabled: boolean;
  settings: AppSettings;
  createdAt: string;
  /** Increases with each change */
  revision: number;
  secret: {
    id: string;
    ageMs: number;
    /** True if the secret is so old that a rotation is recommended */
    isOld: boolean;
    /** True if a pending secret waits for activation */
    isRotating: boolean;
  };
  connectionCount: number;
  /** Messages in and out in the last complete minute */
  messagesLastMinute: number;
};

export type AppSettingRule = {
  kind: "toggle";
  default: boolean;
  help: string;
} | {
  kind: "number";
  default: number;
  min: number;
  max: number;
  zeroMeansUnlimited: boolean;
  help: string;
} | {
  kind: "rules";
  default: Array<unknown>;
  help: string;
  /** The settings that a rule can override. Those without a default are settings of the app, too */
  keys: Record<string, {
    kind: "toggle";
    default?: boolean;
    help: string;
  } | {
    kind: "number";
    default?: number;
    min: number;
    max: number;
    help: string;
  }>;
} | {
  kind: "list";
  default: Array<string>;
  lengthMax: number;
  help: string;
};

export type AppSettings = {
  /** Clients may send client- events on private and presence channels */
  clientEventsEnabled: boolean;
  /** Subscribers receive the subscription count of their channels, except presence channels */
  subscriptionCountEnabled: boolean;
  /** Signed-in users are notified when users on their watchlist come online or go offline */
  watchlistEnabled: boolean;
  /** Close a connection that neither signs in nor subscribes to a private or presence channel within authorizationTimeoutMs */
  authorizedConnectionsOnly: boolean;
  /** Time to sign in or subscribe under authorizedConnectionsOnly, in milliseconds */
  authorizationTimeoutMs: number;
  /** Origins from which browsers may connect, such as https://example.com or *.example.com; empty: all */
  allowedOrigins: Array<string>;
  /** Concurrent connections; 0: no limit */
  connectionsMax: number;
  /** Channels to which one connection may be subscribed */
  channelsPerConnectionMax: number;
  /** Messages per second from one connection; bursts of ten times as many, plus two for each of its allowed channels; 0: no limit */
  messagesPerSecondMax: number;
  /** Client events per second from one connection; 0: no limit */
  clientEventsPerSecondMax: number;
  /** Size of one event's data, in bytes */
  eventPayloadBytesMax: number;
  /** Characters of an event's name */
  eventNameLengthMax: number;
  /** Characters of a channel's name, including its prefix */
  channelNameLengthMax: number;
  /** Channels that one trigger may name */
  channelsPerEventMax: number;
  /** Events in one batch */
  eventsPerBatchMax: number;
  /** Members of one presence channel */
  presenceMembersMax: number;
  /** Size of one member's channel_data, in bytes */
  presenceMemberBytesMax: number;
  /** Size of user_data at sign-in, in bytes */
  userDataBytesMax: number;
  /** Users on one user's watchlist */
  watchlistLengthMax: number;
  /** How long a cache channel keeps its last event, in milliseconds */
  cacheTtlMs: number;
  /** HTTP API requests per second; 0: no limit */
  apiRequestsPerSecondMax: number;
  /** How long an Idempotency-Key is remembered, in milliseconds */
  idempotencyWindowMs: number;
  /** How long events of a busy channel may be delayed, in milliseconds, to send several in one write; 0: no delay. Not in Pusher */
  eventHoldMsMax: number;
  /** Concurrent requests to all webhooks of the app, within the server's own limit. Not in Pusher */
  webhookRequestsMax: number;
  /** Settings, such as history, for channels whose names match a pattern; the first matching rule applies. Not in Pusher */
  channelRules: Array<ChannelRule>;
};

export type AppSettingsPatch = {
  /** Clients may send client- events on private and presence channels */
  clientEventsEnabled?: boolean;
  /** Subscribers receive the subscription count of their channels, except presence channels */
  subscriptionCountEnabled?: boolean;
  /** Signed-in users are notified when users on their watchlist come online or go offline */
  watchlistEnabled?: boolean;
  /** Close a connection that neither signs in nor subscribes to a private or presence channel within authorizationTimeoutMs */
  authorizedConnectionsOnly?: boolean;
  /** Time to sign in or subscribe under authorizedConnectionsOnly, in milliseconds */
  authorizationTimeoutMs?: number;
  /** Origins from which browsers may connect, such as https://example.com or *.example.com; empty: all */
  allowedOrigins?: Array<string>;
  /** Concurrent connections; 0: no limit */
  connectionsMax?: number;
  /** Channels to which one connection may be subscribed */
  channelsPerConnectionMax?: number;
  /** Messages per second from one connection; bursts of ten times as many, plus two for each of its allowed channels; 0: no limit */
  messagesPerSecondMax?: number;
  /** Client events per second from one connection; 0: no limit */
  clientEventsPerSecondMax?: number;
  /** Size of one event's data, in bytes */
  eventPayloadBytesMax?: number;
  /** Characters of an event's name */
  eventNameLengthMax?: number;
  /** Characters of a channel's name, including its prefix */
  channelNameLengthMax?: number;
  /** Channels that one trigger may name */
  channelsPerEventMax?: number;
  /** Events in one batch */
  eventsPerBatchMax?: number;
  /** Members of one presence channel */
  presenceMembersMax?: number;
  /** Size of one member's channel_data, in bytes */
  presenceMemberBytesMax?: number;
  /** Size of user_data at sign-in, in bytes */
  userDataBytesMax?: number;
  /** Users on one user's watchlist */
  watchlistLengthMax?: number;
  /** How long a cache channel keeps its last event, in milliseconds */
  cacheTtlMs?: number;
  /** HTTP API requests per second; 0: no limit */
  apiRequestsPerSecondMax?: number;
  /** How long an Idempotency-Key is remembered, in milliseconds */
  idempotencyWindowMs?: number;
  /** How long events of a busy channel may be delayed, in milliseconds, to send several in one write; 0: no delay. Not in Pusher */
  eventHoldMsMax?: number;
  /** Concurrent requests to all webhooks of the app, within the server's own limit. Not in Pusher */
  webhookRequestsMax?: number;
  /** Settings, such as history, for channels whose names match a pattern; the first matching rule applies. Not in Pusher */
  channelRules?: Array<ChannelRule>;
};

export type Attempt = {
  at: string;
  durationMs: number;
  /** Null if there was no response */
  status: number | null;
  /** The start of the response, or why there was none */
  answer: string;
};

export type AttentionItem = {
  kind: "database";
  node: string;
  problem: string;
} | {
  kind: "slowDatabase";
  node: string;
  /** The median time of its latest queries */
  latencyMs: number;
  /** From this median on the database counts as slow */
  slowFromMs: number;
} | {
  kind: "deadNode";
  node: string;
  /** When the cluster removed it, some seconds after its last report. Listed for an hour */
  diedAt: string;
  /** Whether a node with this name is alive */
  isBack: boolean;
} | {
  kind: "errors";
  appId: string;
  appName: string;
  errors: number;
  since: string;
} | {
  kind: "webhook";
  appId: string;
  appName: string;
  webhookId: string;
  url: string;
  /** disabled: by the server, after repeated failures */
  state: "paused" | "disabled";
} | {
  kind: "nearLimit";
  appId: string;
  appName: string;
  /** The name of the setting */
  limit: string;
  /** The pattern of the channel rule that sets this limit */
  pattern?: string;
  used: number;
  max: number;
} | {
  kind: "nearServerLimit";
  /** Null: the server is a single node */
  node: string | null;
  /** The name of the option */
  limit: string;
  used: number;
  max: number;
} | {
  kind: "oldSecret";
  appId: string;
  appName: string;
  ageMs: number;
} | {
  kind: "unknownKey";
  /** A key that no app has */
  key: string;
  handshakes: number;
  lastAt: string;
  /** Of the latest handshake */
  sender: Sender;
};

export type AuditEntry = {
  sequence: number;
  at: string;
  /** The kind of `actor`: a token may have any name; null in entries of older releases */
  actorKind: "person" | "token" | "adminToken" | "cli" | "server" | "anonymous" | null;
  /** The id of the person or token */
  actorId: string | null;
  /** A person's e-mail, a token's name, `cli`, `environment`, … */
  actor: string;
  address: string | null;
  /** Such as `secret.rotate` */
  action: string;
  appId: string | null;
  /** The target of the action, such as `app 1` */
  target: string;
  /** Secrets redacted */
  before: unknown;
  after: unknown;
  /** The hash of this entry and the previous hash */
  hash: string;
};

export type BoardRow = {
  id: string;
  key: string;
  name: string;
  isEnabled: boolean;
  /** True if a pending secret waits for activation */
  isRotating: boolean;
  connections: number;
  /** 0: no limit */
  connectionsMax: number;
  /** Messages in and out in the last complete minute */
  messagesLastMinute: number;
  /** In the last complete minute */
  errorsLastMinute: number;
  /** Without the running minute, which is not saved yet */
  lastHour: {
    /** The maximum of each step */
    connections: Array<number>;
    /** Of the last hour, oldest first; each value covers three minutes */
    messages: Array<number>;
    /** Of the last hour, oldest first; each value covers three minutes */
    errors: Array<number>;
  };
  /** The worst condition of the app's webhooks; null: it has none */
  webhooks: {
    condition: WebhookCondition;
    /** Webhooks in this condition */
    amount: number;
  } | null;
  /** The limits with a usage of at least 80 percent, highest share first */
  nearLimits: Array<{
    /** The name of the app's setting or of the server's option */
    limit: string;
    /** The pattern of the channel rule that sets this limit; missing: no rule sets it */
    pattern?: string;
    /** The current value; for sizes and rates, the highest of the last two minutes on the node with the highest usage */
    used: number;
    /** 0: no limit */
    max: number;
  }>;
};

export type BoardSort = "created" | "name" | "connections" | "messages" | "errors" | "webhooks" | "limits";

export type CacheMiss = {
  id: string;
  at: string;
  type: "cache_miss";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
};

export type Channel = {
  name: string;
  type: "public" | "private" | "encrypted" | "presence";
  isCache: boolean;
  subscriptionCount: number;
  /** Null if the channel is not a presence channel */
  userCount: number | null;
  isOccupied: boolean;
  /** At most 1,000; null if it is not a presence channel */
  members: Array<{
    id: string;
    info: unknown;
  }> | null;
  /** Connections, at most 1,000 */
  subscribers: Array<{
    socketId: string;
    userId: string | null;
    /** The reporting node. Null: the server is a single node without Redis */
    node: NodeName | null;
  }>;
  cachedEvent: {
    name: string;
    data: string;
    expiresAt: string;
  } | null;
};

export type ChannelOccupied = {
  id: string;
  at: string;
  type: "channel_occupied";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
};

export type ChannelRule = {
  pattern: string;
  /** Events that a channel stores; 0: none */
  historyEventsMax?: number;
  /** How long it stores them, in milliseconds */
  historyMs?: number;
  /** Latest stored events that a new subscriber receives; 0: none */
  rewindEventsMax?: number;
  /** Maximum age of these events, in milliseconds */
  rewindMs?: number;
  /** How long a disconnected member remains a member, in milliseconds */
  presenceGraceMs?: number;
  /** The history stores client events, too */
  clientEventsKept?: boolean;
  /** Backends may publish to the channel */
  serverEventsEnabled?: boolean;
  /** Clients may send client- events */
  clientEventsEnabled?: boolean;
  /** Client events per second from one connection; 0: no limit */
  clientEventsPerSecondMax?: number;
  /** Size of one event's data, in bytes */
  eventPayloadBytesMax?: number;
  /** Members of one presence channel */
  presenceMembersMax?: number;
  /** Size of one member's channel_data, in bytes */
  presenceMemberBytesMax?: number;
};

export type ChannelSummary = {
  name: string;
  type: "public" | "private" | "encrypted" | "presence";
  isCache: boolean;
  subscriptionCount: number;
  /** Null if the channel is not a presence channel */
  userCount: number | null;
};

export type ChannelVacated = {
  id: string;
  at: string;
  type: "channel_vacated";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
};

export type ClientAddress = {
  /** Without a path; null: the host of the caller's request */
  publicUrl: string | null;
  /** The port if publicUrl is null; null: the port of the caller's request */
  port: number | null;
  /** The prefix of every path, such as /realtime; may be empty */
  pathPrefix: string;
};

export type ClientEvent = {
  id: string;
  at: string;
  type: "client_event";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string;
  userId: string | null;
  event: string;
  /** Null in past entries unless the server keeps data (publishLogData) */
  payload: {
    text: string;
    bytes: number;
    isClipped: boolean;
  } | null;
  sender: Sender;
  /** The connections that it was sent to. Null: unknown, because other nodes sent it, too */
  recipients: number | null;
};

export type ClosedConnection = {
  socketId: string;
  address: string;
  origin: string | null;
  /** The name of the SDK, such as `js` */
  client: string | null;
  version: string | null;
  transport: "websocket" | "xhr_streaming" | "xhr_polling";
  /** The signed-in user */
  userId: string | null;
  /** The user ids as which it is a member of presence channels, each with one of these channels: at most 10 */
  memberships: Array<{
    userId: string;
    channel: string;
  }>;
  openedAt: string;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
  closedAt: string;
  code: number;
  reason: string;
};

export type Connection = {
  socketId: string;
  address: string;
  origin: string | null;
  /** The name of the SDK, such as `js` */
  client: string | null;
  version: string | null;
  transport: "websocket" | "xhr_streaming" | "xhr_polling";
  protocol: number;
  /** The signed-in user */
  userId: string | null;
  /** The user ids as which it is a member of presence channels, each with one of these channels: at most 10 */
  memberships: Array<{
    userId: string;
    channel: string;
  }>;
  openedAt: string;
  channelCount: number;
  /** At most 100 in a list, and 2,000 for one connection */
  channels: Array<string>;
  queuedBytes: number;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
};

export type ConnectionClosed = {
  id: string;
  at: string;
  type: "connection_closed";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  userId: string | null;
  /** The user ids as which it is a member of presence channels, each with one of these channels: at most 10 */
  memberships: Array<{
    userId: string;
    channel: string;
  }>;
  code: number;
  reason: string;
  openForMs: number;
};

export type ConnectionOpened = {
  id: string;
  at: string;
  type: "connection_opened";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  address: string;
  origin: string | null;
  client: string | null;
  version: string | null;
  transport: "websocket" | "xhr_streaming" | "xhr_polling";
};

export type ConnectionStep = Subscribed | Unsubscribed | Recovered | RecoveryRefused | SignedIn | MessageRefused;

export type Delivery = {
  id: string;
  /** The header `webhook-id`, the same on every attempt */
  requestId: string;
  /** In the format of the request */
  event: unknown;
  state: "pending" | "delivered" | "dead";
  attempts: number;
  createdAt: string;
  /** Null if it is finished, or waits only for the deliveries before it */
  nextAttemptAt: string | null;
  lastAttempt: Attempt | null;
};

export type ErrorCode = "invalid_request" | "invalid_event" | "webhook_refused" | "password_too_weak" | "unauthenticated" | "token_malformed" | "token_expired" | "token_revoked" | "login_failed" | "wrong_code" | "code_used" | "forbidden" | "cross_site" | "csrf_token_wrong" | "wrong_password" | "not_found" | "app_not_found" | "secret_not_found" | "connection_not_found" | "token_not_found" | "webhook_not_found" | "delivery_not_found" | "person_not_found" | "session_not_found" | "invitation_gone" | "method_not_allowed" | "app_exists" | "app_changed" | "owner_deleted" | "rotation_pending" | "too_many_webhooks" | "no_pending_secret" | "secret_in_use" | "person_exists" | "last_owner" | "second_factor_exists" | "second_factor_missing" | "too_large" | "too_many_watchers" | "too_many_attempts" | "internal_error" | "login_provider_unreachable" | "database_unreachable" | "engine_unreachable" | "nodes_unanswered";

export type ErrorEntry = MessageRefused | HandshakeRefused | ApiRequest | ApiRequestRefused;

export type ErrorGroup = {
  id: string;
  type: "message_refused" | "handshake_refused" | "api_request" | "api_request_refused";
  /** The protocol's code, or the HTTP status of an API request */
  code: number | null;
  /** The method and route of an API request */
  route: string | null;
  /** The channel's name, with `*` for the parts that differ */
  channelPattern: string | null;
  /** The reason, with `*` for the parts that differ */
  reasonPattern: string;
  /** The SDK that the senders reported */
  sdk: string | null;
  /** In the last seven days */
  errors: number;
  firstAt: string;
  lastAt: string;
  /** Errors in each of the last 24 hours (UTC), the running one last */
  lastHours: Array<number>;
  sockets: {
    count: number;
    /** True if there may be more */
    isAtLeast: boolean;
    some: Array<string>;
  };
  addresses: {
    count: number;
    /** True if there may be more */
    isAtLeast: boolean;
    some: Array<string>;
  };
  /** The group's newest errors, newest first */
  newest: Array<{
    id: string;
    at: string;
    reason: string;
    channel: string | null;
    socketId: string | null;
    address: string;
    sdk: string | null;
    /** The number of errors that this entry represents */
    errors: number;
  }>;
};

export type EventPublished = {
  id: string;
  at: string;
  type: "event_published";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channels: Array<string>;
  event: string;
  /** Null in past entries unless the server keeps data (publishLogData) */
  payload: {
    text: string;
    bytes: number;
    isClipped: boolean;
  } | null;
  sender: Sender;
  /** The connections that it was sent to. Null: unknown, because other nodes sent it, too */
  recipients: number | null;
  exceptSocketId: string | null;
};

export type EventsMissed = {
  id: string;
  at: string;
  type: "events_missed";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channelCount: number;
  missedForMs: number;
};

export type HandshakeRefused = {
  id: string;
  at: string;
  type: "handshake_refused";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  code: number;
  reason: string;
  sender: Sender;
};

export type HistoryEvent = {
  offset: number;
  name: string;
  data: string;
  at: string;
  userId: string | null;
  /** The excluded connection */
  exceptSocketId: string | null;
};

export type Invitation = {
  id: string;
  email: string;
  role: Role;
  /** The apps that the person may access; null: all. Owners and admins: all. Developers: a list. Viewers: either */
  appIds: Array<string> | null;
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
};

export type LimitUse = {
  /** The name of the app's setting or of the server's option */
  limit: string;
  /** The pattern of the channel rule that sets this limit; missing: no rule sets it */
  pattern?: string;
  /** The current value; for sizes and rates, the highest of the last two minutes on the node with the highest usage */
  used: number;
  /** 0: no limit */
  max: number;
  /** Null: not recorded */
  peak: number | null;
  /** The period of the peak: since the node's start, or 48 hours */
  peakOver: "start" | "48h";
  /** The node with the highest usage; null: the limit applies to all nodes together, or the server is a single node */
  node: NodeName | null;
};

export type LiveEnd = {
  reason: "unauthorized" | "appDeleted" | "serverStopping";
};

export type LiveEntry = ConnectionOpened | ConnectionClosed | Subscribed | Unsubscribed | Recovered | RecoveryRefused | SignedIn | MessageRefused | HandshakeRefused | ApiRequest | ApiRequestRefused | ChannelOccupied | ChannelVacated | MemberAdded | MemberRemoved | SubscriptionCount | CacheMiss | UserOnline | UserOffline | ClientEvent | EventPublished | EventsMissed | WebhookAttempted;

export type LiveGap = {
  /** Null if the number is unknown */
  dropped: number | null;
  /** otherNode: entries of another node */
  reason: "slow" | "resumedTooLate" | "otherNode";
};

export type LivePosition = {
  at: string;
};

export type Me = {
  name: string;
  kind: "token" | "user";
  /** The caller's permissions for at least one app */
  permissions: Array<Permission>;
  /** The apps that the caller may access; null: all */
  appIds: Array<string> | null;
};

export type MemberAdded = {
  id: string;
  at: string;
  type: "member_added";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
  userId: string;
};

export type MemberRemoved = {
  id: string;
  at: string;
  type: "member_removed";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
  userId: string;
};

export type MessageRefused = {
  id: string;
  at: string;
  type: "message_refused";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string | null;
  code: number | null;
  message: string;
};

export type Node = {
  /** New with each start */
  id: string;
  /** For people; two nodes may have the same */
  name: string;
  /** The name of the machine or container */
  hostname: string;
  version: string;
  startedAt: string;
  /** For a node that stopped or died: until then */
  uptimeMs: number;
  /** silent: no report for 5 seconds; stopped, died: listed for an hour */
  state: "serving" | "draining" | "silent" | "stopped" | "died";
  /** The time of its last report, or when its end was detected */
  lastSeenAt: string;
  connectionCount: number;
  connectionsByTransport: {
    websocket: number;
    xhr_streaming: number;
    xhr_polling: number;
  };
  /** The part of one core that it uses; several threads may use more */
  cpuShare: number;
  residentBytes: number;
  heapUsedBytes: number;
  eventLoopLagMs: number;
  /** The round trip time to Redis. Null: no Redis is configured, or it is unreachable */
  engineRoundTripMs: number | null;
  database: {
    kind: string;
    isReachable: boolean;
    problem: string | null;
    /** The median time of its latest queries; null: not measured yet */
    latencyMs: number | null;
  };
  /** Items dropped since the start, by kind */
  drops: Record<string, number>;
};

export type NodeName = {
  id: string;
  name: string;
};

export type NodeStart = {
  /** New with each start */
  nodeId: string;
  /** The node's name */
  name: string;
  version: string;
  /** Null: the node runs from source */
  commit: string | null;
  at: string;
  /** The version or the commit differs from the start before it, of any node */
  isDeploy: boolean;
};

export type OpenInvitation = {
  isSetup: boolean;
  /** Null for the setup link: the owner enters an address */
  email: string | null;
  role: Role;
  expiresAt: string;
};

export type Outcome = "sent" | "missed" | "excluded" | "not_in_channel" | "not_connected" | "unknown";

export type Permission = "app.read" | "app.operate" | "app.change" | "secret.reveal" | "server.read" | "server.change" | "token.manage" | "audit.read" | "people.manage";

export type Person = {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** The apps that the person may access; null: all. Owners and admins: all. Developers: a list. Viewers: either */
  appIds: Array<string> | null;
  hasSecondFactor: boolean;
  createdAt: string;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  /** The part of the documentation that explains the code */
  help?: string;
  lastUsedAt?: string;
  retryAfterS?: number;
  /** The nodes that did not answer in time: their part is missing here */
  unanswered?: Array<NodeName>;
  issues?: Array<{
    path: string;
    message: string;
  }>;
};

export type PublishAnswer = {
  /** The number of connections that it was sent to; in a cluster: the subscriptions of its channels immediately after. Null: unknown */
  recipients: number | null;
  /** True: Redis was unreachable, so only the subscribers of one node received it */
  isLocal: boolean;
};

export type Published = {
  id: string;
  at: string;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
  channels: Array<string>;
  event: string;
  /** Null unless the server keeps data (publishLogData) */
  data: string | null;
  sender: Sender;
  /** The connection that sent a client event */
  socketId: string | null;
  /** The member that sent a client event */
  userId: string | null;
  /** The excluded connection */
  exceptSocketId: string | null;
  /** The connections that it was sent to. Null: unknown, because other nodes sent it, too */
  recipients: number | null;
  /** True: Redis was unreachable, so only the subscribers of one node received it */
  isLocal: boolean;
  /** Null without `userId` */
  forUser: {
    outcome: Outcome;
    /** Socket ids */
    sentTo: Array<string>;
  } | null;
};

export type Recovered = {
  id: string;
  at: string;
  type: "recovered";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string;
  replayed: number;
};

export type RecoveryRefused = {
  id: string;
  at: string;
  type: "recovery_refused";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string;
  reason: string;
};

export type Role = "owner" | "admin" | "developer" | "viewer";

export type Secret = {
  id: string;
  state: "active" | "pending" | "revoked";
  createdAt: string;
  createdBy: string;
  activatedAt: string | null;
  revokedAt: string | null;
  /** Time since it became active, or since it was created if it never was active */
  ageMs: number;
  lastUsed: {
    httpApi: string | null;
    channelAuthorization: string | null;
    signIn: string | null;
  };
  /** The latest of `lastUsed` */
  lastUsedAt: string | null;
};

export type SecretUser = {
  secretId: string;
  address: string;
  sdk: string | null;
  requestsLastMinute: number;
  /** Since the rotation began; a restarted node begins at 0 */
  requests: number;
  lastAt: string;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
};

export type SecretWithValue = {
  id: string;
  state: "active" | "pending" | "revoked";
  createdAt: string;
  createdBy: string;
  activatedAt: string | null;
  revokedAt: string | null;
  /** Time since it became active, or since it was created if it never was active */
  ageMs: number;
  lastUsed: {
    httpApi: string | null;
    channelAuthorization: string | null;
    signIn: string | null;
  };
  /** The latest of `lastUsed` */
  lastUsedAt: string | null;
  value: string;
};

export type SecretsAnswer = {
  secrets: Array<Secret>;
  /** During a rotation: the senders of HTTP requests by secret, most recent first; at most 100 */
  users: Array<SecretUser>;
  /** The nodes that did not answer in time: their part is missing here */
  unanswered: Array<NodeName>;
  activation: {
    isSafe: boolean;
    oldSecretLastUsedAt: string | null;
    safeAt: string | null;
  } | null;
};

export type Sender = {
  /** Empty if it is not known */
  address: string;
  /** The name and version that the SDK sent */
  sdk: string | null;
};

export type Session = {
  id: string;
  isCurrent: boolean;
  address: string | null;
  userAgent: string | null;
  createdAt: string;
  /** To the hour */
  lastSeenAt: string;
  expiresAt: string;
};

export type SessionAnswer = {
  /** Null if nobody is logged in */
  person: Person | null;
  /** Send it as X-CSRF-Token; null if nobody is logged in */
  csrfToken: string | null;
  /** True if there is no account yet: the server's setup link creates the owner */
  needsSetup: boolean;
  /** True after a correct password or OIDC login: send `POST /session/second-factor` next */
  needsSecondFactor: boolean;
  /** The label of the OIDC button; null without OIDC */
  oidcName: string | null;
};

export type SignedIn = {
  id: string;
  at: string;
  type: "signed_in";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  userId: string;
};

export type StatsAnswer = {
  interval: "minute" | "hour" | "day";
  /** Start of the first interval */
  from: string;
  /** The end of the counted time. A point that ends later is still running */
  until: string;
  /** The nodes that did not answer in time: their part is missing here */
  unanswered: Array<NodeName>;
  /** Zeros for intervals without activity; no point for intervals without data, such as before the app existed or while no server ran */
  points: Array<StatsPoint>;
};

export type StatsPoint = {
  /** Start of the interval */
  at: string;
  /** Open connections at its end */
  connections: number;
  /** At least this many were open at one time. With several nodes: the highest maximum of one node, or the sum of all nodes at the end of a minute */
  connectionsPeak: number;
  messagesIn: number;
  messagesOut: number;
  apiRequests: number;
  errors: number;
};

export type Subscribed = {
  id: string;
  at: string;
  type: "subscribed";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string;
  userId: string | null;
};

export type SubscriptionCount = {
  id: string;
  at: string;
  type: "subscription_count";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  channel: string;
  subscriptionCount: number;
};

export type Timeline = {
  opened: ConnectionOpened;
  /** In order; a close does not list the subscriptions that it ends */
  steps: Array<ConnectionStep>;
  /** Null if the connection is open */
  closed: ConnectionClosed | null;
  /** The server's last WebSocket ping; null if there was none or the connection is closed */
  lastPing: {
    at: string;
    isAnswered: boolean;
  } | null;
  /** The records are complete from this time on, except those of unanswered nodes. Nodes keep records in memory, so older ones may be missing */
  rememberedSince: string;
  /** True if no step of this connection is missing */
  isWhole: boolean;
};

export type TimelineAnswer = {
  timeline: Timeline;
  /** Its current state; null if it has closed */
  connection: Connection | null;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
};

export type Token = {
  id: string;
  name: string;
  scopes: Array<string>;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
};

export type Traffic = {
  /** The earliest time that the counts of any node cover */
  since: string;
  /** The largest counts, at most 100 */
  channels: Array<{
    /** Published events, of backends and clients */
    in: number;
    /** Messages sent to connections */
    out: number;
    inPerSecond: number;
    outPerSecond: number;
    /** True: some of `out` is unknown, because other nodes sent it */
    isOutPartial: boolean;
    channel: string;
  }>;
  /** The largest counts, at most 100, by address and SDK */
  senders: Array<{
    /** Published events, of backends and clients */
    in: number;
    /** Messages sent to connections */
    out: number;
    inPerSecond: number;
    outPerSecond: number;
    /** True: some of `out` is unknown, because other nodes sent it */
    isOutPartial: boolean;
    sender: Sender;
  }>;
  /** The sum of the channels that are not listed */
  otherChannels: TrafficAmount;
  /** The sum of the senders that are not listed */
  otherSenders: TrafficAmount;
  /** The nodes that did not answer in time: their part is missing here */
  unanswered: Array<NodeName>;
};

export type TrafficAmount = {
  /** Published events, of backends and clients */
  in: number;
  /** Messages sent to connections */
  out: number;
  inPerSecond: number;
  outPerSecond: number;
  /** True: some of `out` is unknown, because other nodes sent it */
  isOutPartial: boolean;
};

export type Unsubscribed = {
  id: string;
  at: string;
  type: "unsubscribed";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  socketId: string;
  channel: string;
  userId: string | null;
};

export type UserConnection = {
  socketId: string;
  address: string;
  origin: string | null;
  /** The name of the SDK, such as `js` */
  client: string | null;
  version: string | null;
  transport: "websocket" | "xhr_streaming" | "xhr_polling";
  /** The signed-in user */
  userId: string | null;
  /** The user ids as which it is a member of presence channels, each with one of these channels: at most 10 */
  memberships: Array<{
    userId: string;
    channel: string;
  }>;
  openedAt: string;
  /** The reporting node. Null: the server is a single node without Redis */
  node: NodeName | null;
  /** Null: it is open */
  closedAt: string | null;
  code: number | null;
  reason: string | null;
  /** The subscriptions, at most the latest 500 */
  stays: Array<{
    channel: string;
    /** Null: it began before the first stored step of the connection */
    from: string | null;
    /** Null: still subscribed */
    until: string | null;
  }>;
  /** True if `stays` is complete */
  isWhole: boolean;
};

export type UserOffline = {
  id: string;
  at: string;
  type: "user_offline";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  userId: string;
};

export type UserOnline = {
  id: string;
  at: string;
  type: "user_online";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  userId: string;
};

export type Webhook = {
  id: string;
  url: string;
  events: Array<WebhookEventType>;
  batching: boolean;
  filters: {
    prefix: Array<string>;
    suffix: Array<string>;
    glob: Array<string>;
  };
  headerNames: Array<string>;
  enabled: boolean;
  /** Why the server disabled it; null if it did not */
  disabledReason: string | null;
  createdAt: string;
};

export type WebhookAttempted = {
  id: string;
  at: string;
  type: "webhook_attempted";
  /** The reporting node. Null: the server is a single node without Redis */
  node?: NodeName | null;
  webhookId: string;
  events: number;
  status: number | null;
  state: "delivered" | "pending" | "dead";
  durationMs: number;
};

export type WebhookCondition = "off" | "ok" | "givenUp" | "failing" | "paused" | "disabled";

export type WebhookEventType = "channel_occupied" | "channel_vacated" | "member_added" | "member_removed" | "client_event" | "cache_miss" | "subscription_count" | "user_online" | "user_offline";

export type WebhookInUse = {
  id: string;
  url: string;
  events: Array<WebhookEventType>;
  batching: boolean;
  filters: {
    prefix: Array<string>;
    suffix: Array<string>;
    glob: Array<string>;
  };
  headerNames: Array<string>;
  enabled: boolean;
  /** Why the server disabled it; null if it did not */
  disabledReason: string | null;
  createdAt: string;
  health: {
    /** failing: the latest request failed and is retried; paused: after repeated failures only occasional requests are sent */
    state: "unused" | "well" | "failing" | "paused" | "disabled";
    /** Null if another node delivers */
    failuresInARow: number | null;
    /** Pending deliveries */
    waiting: number;
    waitingSince: string | null;
    /** Null if nothing is pending, or it is sent immediately */
    nextAttemptAt: string | null;
    /** Failed deliveries that are still stored */
    givenUp: number;
    lastDeliveredAt: string | null;
  };
};
