/** The bus of a node in the simulation: it sends messages and questions, and does not wait for answers. */
import type { Answers, ClusterBus } from "../../src/core/ports/cluster-bus.ts";
import type {
  AnswerTo,
  ClusterMessage,
  Question,
  QuestionType,
} from "../../src/core/ports/cluster-message.ts";
import type { BusMessage } from "./engine-messages.ts";
import type { SimUplink } from "./sim-uplink.ts";

export class SimBus implements ClusterBus {
  readonly #id: string;
  readonly #uplink: SimUplink;
  #onMessage: (message: ClusterMessage, sentAtMs: number) => void = () => undefined;
  readonly #answers = new Map<string, (question: never) => Promise<unknown>>();

  constructor(id: string, uplink: SimUplink) {
    this.#id = id;
    this.#uplink = uplink;
  }

  broadcast(message: BusMessage): void {
    this.#uplink.command(
      (engine) => engine.broadcast(this.#id, message),
      () => undefined,
      () => undefined,
    );
  }

  onMessage(listener: (message: ClusterMessage, sentAtMs: number) => void): void {
    this.#onMessage = listener;
  }

  async ask<Type extends QuestionType>(question: Question<Type>): Promise<Answers<never>> {
    this.broadcast(question as BusMessage);
    return { answers: [], silent: [] };
  }

  onQuestion<Type extends QuestionType>(
    type: Type,
    answer: (question: Question<Type>) => Promise<AnswerTo<Type>>,
  ): void {
    this.#answers.set(type, answer);
  }

  async askNode(): Promise<Answers<never>> {
    return { answers: [], silent: [] };
  }

  listen(): () => void {
    return () => undefined;
  }

  hasListeners(): boolean {
    return false;
  }

  send(): void {
    // There are no listeners.
  }

  /** Handles a message or question of another node. */
  receive(message: BusMessage, nowMs: number): void {
    const answer = this.#answers.get(message.type);
    if (answer === undefined) this.#onMessage(message as ClusterMessage, nowMs);
    else void answer(message as never);
  }
}
