/**
 * What nodes tell and ask each other that belongs to no channel.
 *
 * On one node (memory supplier) there is nobody to tell: messages go nowhere, and questions have no answers.
 * On many nodes (Redis supplier) messages go through the engine. While it is away they are lost: who depends on a
 * message has a second way to learn of it, as a changed app is also found in the database.
 */
import type { AnswerTo, ClusterMessage, Question, QuestionType } from "./cluster-message.ts";

export interface ClusterBus {
  /** Tells all other nodes. At most once, and in the order of the calls. A node never hears itself. Does not throw. */
  broadcast(message: ClusterMessage): void;
  onMessage(listener: (message: ClusterMessage) => void): void;

  /**
   * Asks all other nodes that are alive. Resolves when each of them has answered, or after `timeoutMs` with the answers
   * that came. It does not reject: where the engine is away all nodes are among the `silent`. The asking node does not
   * answer itself: whoever asks adds what this node knows.
   */
  ask<Type extends QuestionType>(
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>>;
  /** Asks one node, which need not be alive. */
  askNode<Type extends QuestionType>(
    nodeId: string,
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>>;
  /** Sets who answers questions of this type here. A rejection counts as no answer, and is logged where it happened. */
  onQuestion<Type extends QuestionType>(
    type: Type,
    answer: (question: Question<Type>) => Promise<AnswerTo<Type>>,
  ): void;

  /**
   * Listens to a topic: text that other nodes send to whoever listens, such as the live feed of an app. Answers the
   * function that ends it. Calls are counted for each topic.
   */
  listen(topic: string, listener: (text: string) => void): () => void;
  /**
   * Whether a node other than this one listens to the topic, as last told, at most some seconds old. Who sends often
   * asks first, so that what nobody listens to is not even encoded.
   */
  hasListeners(topic: string): boolean;
  /** Sends to the other nodes that listen. At most once, in order per topic; dropped where the engine is away. */
  send(topic: string, text: string): void;
}

export interface Answers<Answer> {
  readonly answers: readonly { readonly nodeId: string; readonly answer: Answer }[];
  /** The nodes that are alive and did not answer in time: what is missing is theirs. */
  readonly silent: readonly string[];
}
