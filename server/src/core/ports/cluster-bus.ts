/**
 * Messages and questions between nodes that do not belong to a channel.
 *
 * On one node (memory supplier) messages are dropped and questions have no answers.
 *
 * On many nodes (Redis supplier) messages go through the engine, which stores the latest 10,000 for an hour.
 * While the engine is unreachable a node keeps its latest 1,000, and sends them when it is back. A node that was the only
 * one without a connection to the engine then receives the messages that others sent in the meantime.
 */
import type { AnswerTo, ClusterMessage, Question, QuestionType } from "./cluster-message.ts";

export type TopicListener = (text: string) => boolean;

export interface ClusterBus {
  /**
   * Sends a message to all other nodes, in the order of the calls. A node does not receive its own messages. A message
   * that was under way when the engine became unreachable may be received twice. Does not throw.
   */
  broadcast(message: ClusterMessage): void;
  /**
   * A message may arrive up to an hour late.
   * @param listener `sentAtMs`: when the message was sent, in Unix milliseconds by this node's clock; never too early,
   * and too late by at most its way through the engine
   */
  onMessage(listener: (message: ClusterMessage, sentAtMs: number) => void): void;

  /**
   * Asks all other nodes that are alive. Resolves when each of them has answered, or after `timeoutMs` with the
   * answers received so far. Never rejects: while the engine is unreachable all nodes are in `silent`. The question is not
   * sent to this node: the caller adds this node's own answer.
   */
  ask<Type extends QuestionType>(
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>>;
  /** Asks one node. A node that is not alive is in `silent`. */
  askNode<Type extends QuestionType>(
    nodeId: string,
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>>;
  /**
   * Sets the function that answers questions of this type on this node. If it rejects, or its answer has more than
   * 1,048,576 characters as JSON, the node does not answer, and this node logs the error.
   */
  onQuestion<Type extends QuestionType>(
    type: Type,
    answer: (question: Question<Type>) => Promise<AnswerTo<Type>>,
  ): void;

  /**
   * Subscribes this node to a topic, such as the live feed of an app: `listener` receives the texts that other nodes
   * send. If `listener` cannot parse a text it returns false, and the node counts it. Returns a function that ends the
   * subscription. Calls are counted for each topic.
   */
  listen(topic: string, listener: TopicListener): () => void;
  /**
   * Whether another node listens to the topic. The information is at most some seconds old. Check it before sending
   * often, so that texts without a receiver are not encoded.
   */
  hasListeners(topic: string): boolean;
  /**
   * Sends a text to the other nodes that listen to the topic, at most once, in order per topic. Dropped while the
   * engine is unreachable.
   */
  send(topic: string, text: string): void;
}

export interface Answers<Answer> {
  readonly answers: readonly { readonly nodeId: string; readonly answer: Answer }[];
  /** The ids of the nodes that did not answer in time: their answers are missing. */
  readonly silent: readonly string[];
}
