/** What nodes tell each other. Never a secret: an app travels as its id. */

export type ClusterMessage =
  | {
      readonly type: "event";
      readonly appId: string;
      readonly channels: readonly string[];
      readonly name: string;
      readonly data: string;
      readonly userId: string | null;
      readonly exceptSocketId: string | null;
    }
  /** A ready frame for a channel: presence changes, subscription counts, watchlist changes. */
  | { readonly type: "frame"; readonly appId: string; readonly topic: string; readonly frame: string }
  | { readonly type: "terminate-user"; readonly appId: string; readonly userId: string }
  | { readonly type: "app-changed"; readonly appId: string }
  /** Connections that the secret with this id let in must come again. */
  | { readonly type: "close-distrusted"; readonly appId: string; readonly secretId: string };
