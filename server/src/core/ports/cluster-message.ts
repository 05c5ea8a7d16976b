/** Messages between nodes. They contain no secrets: an app is identified by its id. */

export type ClusterMessage =
  | { readonly type: "terminate-user"; readonly appId: string; readonly userId: string }
  /** A person or token may have lost a permission: check the permissions of open live feeds again. */
  | { readonly type: "access-changed" }
  /** A person changed the webhook or replayed its deliveries: the node that delivers ends its pause. */
  | { readonly type: "try-webhook"; readonly webhookId: string }
  /** Close connections authorized by this secret; they must re-authenticate. */
  | { readonly type: "close-distrusted"; readonly appId: string; readonly secretId: string };

/** Whether this version knows the type of the message: a newer node may send others. */
export function isKnownMessage({ type }: { readonly type: string }): boolean {
  return Object.hasOwn(knownTypes, type);
}

const knownTypes: Readonly<Record<ClusterMessage["type"], true>> = {
  "terminate-user": true,
  "access-changed": true,
  "try-webhook": true,
  "close-distrusted": true,
};

/** A request for an HTTP session. */
interface SessionRequest {
  /** The app's key and the id that the client has chosen, as in the path of the request. */
  readonly session: string;
  /** The Origin of the request, which must be that of the session. */
  readonly origin: string | null;
}

export interface AnswerPart {
  /** False: the node does not hold the session. */
  readonly isKnown: boolean;
  /** In base64. */
  readonly bytes: string;
  readonly isLast: boolean;
}

/** Questions between nodes: for each type the fields of the question, and the answer. Both are plain JSON. */
interface Questions {
  /** An app was changed or deleted. The node answers once it has loaded the app's current state from the store. */
  readonly "reload-app": readonly [question: { readonly appId: string }, answer: Record<string, never>];
  /** Webhooks were changed. The node answers once it uses them as they are in the store. */
  readonly "reload-webhooks": readonly [question: Record<never, never>, answer: Record<string, never>];
  /** Closes a connection if it is on the node; the answer says whether it was. */
  readonly "close-connection": readonly [
    question: { readonly appId: string; readonly socketId: string },
    answer: { readonly wasHere: boolean },
  ];
  /**
   * The next part of an answer to a client whose HTTP session the node holds. The first part, 0, opens the answer. A
   * part that was asked for before is sent again. The node answers after at most five seconds, if need be with no bytes.
   */
  readonly "session-frames": readonly [
    question: SessionRequest & {
      /** Random, and new with each answer. */
      readonly answerId: string;
      readonly part: number;
      readonly isStreaming: boolean;
      /** The id of the asking node. */
      readonly nodeId: string;
    },
    answer: AnswerPart,
  ];
  /** The client of the answer is gone, or the asking node ends it: the part that follows is the last. */
  readonly "session-leave": readonly [
    question: { readonly session: string; readonly answerId: string; readonly isClientGone: boolean },
    answer: Record<string, never>,
  ];
  /** Messages from a client whose HTTP session the node holds. Null: one that was longer than a message may be. */
  readonly "session-send": readonly [
    question: SessionRequest & { readonly messages: readonly string[] | null },
    answer: { readonly isKnown: boolean },
  ];
  /** A query of the admin API to all nodes. The topic determines the types of input and answer, see `AllNodes`. */
  readonly admin: readonly [question: { readonly topic: string; readonly input: unknown }, answer: unknown];
}

export type QuestionType = keyof Questions;
export type Question<Type extends QuestionType> = { readonly type: Type } & Questions[Type][0];
export type AnswerTo<Type extends QuestionType> = Questions[Type][1];
