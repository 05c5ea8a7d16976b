/**
 * The bus of a cluster on Redis: one Redis channel for all nodes, and one for each node and each topic. Redis stores
 * messages for an hour, so that a node that was cut off gets the ones it missed.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Clock } from "../core/ports/clock.ts";
import type { Answers, ClusterBus, TopicListener } from "../core/ports/cluster-bus.ts";
import {
  type AnswerTo,
  type ClusterMessage,
  isKnownMessage,
  type Question,
  type QuestionType,
} from "../core/ports/cluster-message.ts";
import { type AskedQuestion, hasAll } from "./asked-question.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import { MissedMessages } from "./missed-messages.ts";
import {
  type EnvelopeContent,
  encodeEnvelope,
  readEnvelope,
  readMissed,
  readStored,
} from "./redis-envelope.ts";
import type { RedisLink } from "./redis-link.ts";
import type { RedisNodes } from "./redis-nodes.ts";

/** Messages that wait for Redis; the oldest are dropped. */
const unsentMax = 1_000;
/** Redis disconnects a subscriber that has 32 MiB of unread output. */
const answerCharactersMax = 1_048_576;
/** A node reports its topics every second, and others read the reports as often: the report of a slow node may take longer. */
const announcedForMs = 5_000;

/** A message of this node that Redis may not have yet. */
interface Unsent {
  readonly message: ClusterMessage;
  readonly sentAtMs: number;
}

type BusLink = Pick<
  RedisLink,
  "keys" | "nodeId" | "isUp" | "onUp" | "onDown" | "follow" | "unfollow" | "send" | "run"
>;
type BusNodes = Pick<RedisNodes, "alive" | "provideTopics" | "isListenedElsewhere">;

type Answerer = (question: Question<QuestionType>) => Promise<unknown>;

export class RedisBus implements ClusterBus {
  readonly #link: BusLink;
  readonly #nodes: BusNodes;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #answerers = new Map<string, Answerer>();
  readonly #asked = new Map<string, AskedQuestion>();
  readonly #listeners = new Map<string, Set<TopicListener>>();
  /** The topics that nodes sent since their last report. */
  readonly #announcedTopics = new Map<string, ReadonlySet<string>>();
  #onMessage: (message: ClusterMessage, sentAtMs: number) => void = () => undefined;
  /** The number of messages and texts of an unknown version, kind or type, or in an invalid format. */
  ignored = 0;
  messagesIn = 0;
  #unsent: Unsent[] = [];
  readonly #missed = new MissedMessages(([, text, storedForMs]) => this.#handleEnvelope(text, storedForMs));
  messagesOut = 0;

  constructor(link: BusLink, nodes: BusNodes, clock: Clock, log: Logger) {
    this.#link = link;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#log = log;
    nodes.provideTopics(() => [...this.#listeners.keys()]);
    const { keys, nodeId } = link;
    link.onDown(() => this.#missed.linkDown());
    link.onUp(async () => {
      this.#missed.read(readMissed(await link.run("missed", keys.bus, [this.#missed.latestId])));
      this.#sendKept();
    });
    void link.follow([keys.bus, keys.busOf(nodeId)], (text) => this.#handle(text));
  }

  broadcast(message: ClusterMessage): void {
    const unsent = { message, sentAtMs: this.#clock.now() };
    // The link may be back while earlier messages still wait.
    if (this.#unsent.length > 0) this.#keep(unsent);
    else this.#broadcast(unsent);
  }

  onMessage(listener: (message: ClusterMessage, sentAtMs: number) => void): void {
    this.#onMessage = listener;
  }

  ask<Type extends QuestionType>(
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>> {
    const others = this.#nodes
      .alive()
      .map(({ id }) => id)
      .filter((id) => id !== this.#link.nodeId);
    return this.#ask(this.#link.keys.bus, question, others, timeoutMs);
  }

  askNode<Type extends QuestionType>(
    nodeId: string,
    question: Question<Type>,
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>> {
    return this.#ask(this.#link.keys.busOf(nodeId), question, [nodeId], timeoutMs);
  }

  onQuestion<Type extends QuestionType>(
    type: Type,
    answer: (question: Question<Type>) => Promise<AnswerTo<Type>>,
  ): void {
    this.#answerers.set(type, answer as unknown as Answerer);
  }

  listen(topic: string, listener: TopicListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    const name = this.#link.keys.topic(topic);
    listeners.add(listener);
    if (!this.#listeners.has(topic)) {
      this.#listeners.set(topic, listeners);
      void this.#link
        .follow([name], (text) => {
          this.messagesIn += 1;
          const results = Array.from(this.#listeners.get(topic) ?? [], (one) => one(text));
          if (results.includes(false)) this.ignored += 1;
        })
        .then(() => this.#announceTopics());
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(topic) !== listeners) return;
      this.#listeners.delete(topic);
      this.#link.unfollow([name]);
      this.#announceTopics();
    };
  }

  hasListeners(topic: string): boolean {
    for (const topics of this.#announcedTopics.values()) if (topics.has(topic)) return true;
    return this.#nodes.isListenedElsewhere(topic);
  }

  send(topic: string, text: string): void {
    const name = this.#link.keys.topic(topic);
    this.#publish(name, text);
  }

  async #ask<Type extends QuestionType>(
    line: string,
    question: Question<Type>,
    nodeIds: readonly string[],
    timeoutMs: number,
  ): Promise<Answers<AnswerTo<Type>>> {
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked: AskedQuestion = {
      answers: [],
      waitingFor: new Set(nodeIds),
      askedCount: Number.POSITIVE_INFINITY,
      done: resolve,
    };
    this.#asked.set(id, asked);
    const cancel = this.#clock.after(timeoutMs, resolve);
    try {
      const text = this.#encode({ kind: "question", id, question });
      this.messagesOut += 1;
      const receivers = Number(await this.#link.send(line, ["SPUBLISH", line, text]));
      const others = line === this.#link.keys.bus ? receivers - 1 : receivers;
      asked.askedCount = Math.max(nodeIds.length, others);
      if (hasAll(asked) || others <= 0) resolve();
    } catch (error) {
      ignoreUnreachable(error);
      resolve();
    }
    await promise;
    cancel();
    this.#asked.delete(id);
    return {
      answers: asked.answers as { nodeId: string; answer: AnswerTo<Type> }[],
      silent: [...asked.waitingFor],
    };
  }

  /** A message that does not reach Redis waits until Redis is back. */
  #broadcast(unsent: Unsent): void {
    const { message, sentAtMs } = unsent;
    const waitedMs = Math.max(0, this.#clock.now() - sentAtMs);
    const text = this.#encode({ kind: "message", message, waitedMs });
    this.messagesOut += 1;
    this.#link.run("broadcast", this.#link.keys.bus, [text]).catch((error) => {
      ignoreUnreachable(error);
      this.#keep(unsent);
      // A Redis Cluster may refuse a command of the lost link when the next one is already up.
      if (this.#link.isUp) this.#sendKept();
    });
  }

  #keep(unsent: Unsent): void {
    this.#unsent = [...this.#unsent, unsent].slice(-unsentMax);
  }

  #sendKept(): void {
    for (const unsent of this.#unsent.splice(0)) this.#broadcast(unsent);
  }

  #announceTopics(): void {
    const topics = [...this.#listeners.keys()];
    this.#publish(this.#link.keys.bus, this.#encode({ kind: "topics", topics }));
  }

  #encode(content: EnvelopeContent): string {
    return encodeEnvelope(this.#link.nodeId, content);
  }

  #publish(line: string, text: string): void {
    this.messagesOut += 1;
    this.#link.send(line, ["SPUBLISH", line, text]).catch(ignoreUnreachable);
  }

  #handle(text: string): void {
    const stored = readStored(text);
    if (stored === null) this.#handleEnvelope(text, 0);
    else this.#missed.arrived(stored);
  }

  #handleEnvelope(text: string, storedForMs: number): void {
    const envelope = readEnvelope(text);
    if (envelope === null) {
      this.ignored += 1;
      return;
    }
    if (envelope.from === this.#link.nodeId) return;
    this.messagesIn += 1;
    switch (envelope.kind) {
      case "message":
        if (!isKnownMessage(envelope.message)) {
          this.ignored += 1;
          break;
        }
        this.#onMessage(envelope.message, this.#clock.now() - storedForMs - (envelope.waitedMs ?? 0));
        break;
      case "question":
        void this.#answer(envelope.from, envelope.id, envelope.question);
        break;
      case "answer":
        this.#take(envelope.from, envelope.id, envelope.answer);
        break;
      case "topics":
        this.#recordTopics(envelope.from, envelope.topics);
        break;
      default:
        envelope satisfies never;
        this.ignored += 1;
    }
  }

  /** Used until the node's next report, which contains the same topics. */
  #recordTopics(nodeId: string, topics: readonly string[]): void {
    const announced = new Set(topics);
    this.#announcedTopics.set(nodeId, announced);
    this.#clock.after(announcedForMs, () => {
      // The node may have announced others since.
      if (this.#announcedTopics.get(nodeId) === announced) this.#announcedTopics.delete(nodeId);
    });
  }

  async #answer(nodeId: string, id: string, question: Question<QuestionType>): Promise<void> {
    const answerer = this.#answerers.get(question.type);
    if (answerer === undefined) {
      this.ignored += 1;
      return;
    }
    try {
      const answer = await answerer(question);
      const text = this.#encode({ kind: "answer", id, answer });
      if (text.length > answerCharactersMax)
        throw new Error(`The answer has ${text.length} characters: at most ${answerCharactersMax} are sent`);
      this.#publish(this.#link.keys.busOf(nodeId), text);
    } catch (error) {
      this.#log.error({ err: error, question: question.type }, "Answering a question of another node failed");
    }
  }

  #take(nodeId: string, id: string, answer: unknown): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    asked.waitingFor.delete(nodeId);
    asked.answers.push({ nodeId, answer });
    if (hasAll(asked)) asked.done();
  }
}
