/** Messages between nodes. They contain no secrets: an app is identified by its id. */

export type ClusterMessage =
  | { readonly type: "terminate-user"; readonly appId: string; readonly userId: string }
  /** A person or token may have lost a permission: check the permissions of open live feeds again. */
  | { readonly type: "access-changed" }
  /** Close connections authorized by this secret; they must re-authenticate. */
  | { readonly type: "close-distrusted"; readonly appId: string; readonly secretId: string };

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
  /** A query of the admin API to all nodes. The topic determines the types of input and answer, see `AllNodes`. */
  readonly admin: readonly [question: { readonly topic: string; readonly input: unknown }, answer: unknown];
}

export type QuestionType = keyof Questions;
export type Question<Type extends QuestionType> = { readonly type: Type } & Questions[Type][0];
export type AnswerTo<Type extends QuestionType> = Questions[Type][1];
