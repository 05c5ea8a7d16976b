/** What nodes tell each other. Never a secret: an app travels as its id. */

export type ClusterMessage =
  | { readonly type: "terminate-user"; readonly appId: string; readonly userId: string }
  /** Somebody may have lost a right, such as a token: what lasts on it is asked about anew. */
  | { readonly type: "access-changed" }
  /** Connections that the secret with this id let in must come again. */
  | { readonly type: "close-distrusted"; readonly appId: string; readonly secretId: string };

/** What nodes ask each other: for each type what the question holds, and what the answer is. Plain JSON, both. */
interface Questions {
  /** An app has changed or is gone: the answer comes when the node runs with what the store holds now. */
  readonly "reload-app": readonly [question: { readonly appId: string }, answer: Record<string, never>];
  /** Whether a connection is here; it is closed where it is. */
  readonly "close-connection": readonly [
    question: { readonly appId: string; readonly socketId: string },
    answer: { readonly wasHere: boolean },
  ];
}

export type QuestionType = keyof Questions;
export type Question<Type extends QuestionType> = { readonly type: Type } & Questions[Type][0];
export type AnswerTo<Type extends QuestionType> = Questions[Type][1];
