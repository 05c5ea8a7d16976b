/** The contract of every bus of several nodes. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { ClusterBus } from "../../src/core/ports/cluster-bus.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import { until } from "../support/until.ts";

export interface BusNode {
  readonly id: string;
  readonly bus: ClusterBus;
}

/** Long enough for a node that answers on a busy machine. */
const timeoutMs = 2_000;

/** @param open returns three nodes of one cluster */
export function clusterBusContract(supplier: string, open: () => Promise<[BusNode, BusNode, BusNode]>): void {
  let asking: BusNode;
  let others: [BusNode, BusNode];
  let received: ClusterMessage[][];

  describe(`${supplier} as a bus`, () => {
    beforeEach(async () => {
      const nodes = await open();
      asking = nodes[0];
      others = [nodes[1], nodes[2]];
      received = nodes.map(({ bus }) => {
        const messages: ClusterMessage[] = [];
        bus.onMessage((message) => messages.push(message));
        return messages;
      });
    });

    test("a message reaches all other nodes in the order of the calls, and never the sending node", async () => {
      const sent = Array.from({ length: 50 }, (_, index) => ({
        type: "terminate-user" as const,
        appId: "1",
        userId: String(index),
      }));
      for (const message of sent) asking.bus.broadcast(message);
      for (const index of [1, 2]) {
        await until("all messages", () => received[index]?.length === sent.length);
        expect(received[index]).toEqual(sent);
      }
      expect(received[0]).toEqual([]);
    });

    test("a question is answered by every other node, and by one if only one is asked", async () => {
      for (const { id, bus } of others)
        bus.onQuestion("close-connection", async ({ socketId }) => ({ wasHere: socketId === id }));
      asking.bus.onQuestion("close-connection", async () => ({ wasHere: true }));
      const [first, second] = others;
      const question = { type: "close-connection", appId: "1", socketId: first.id } as const;
      const { answers, silent } = await asking.bus.ask(question, 20_000);
      expect(silent).toEqual([]);
      expect(new Map(answers.map(({ nodeId, answer }) => [nodeId, answer.wasHere]))).toEqual(
        new Map([
          [first.id, true],
          [second.id, false],
        ]),
      );
      expect(await asking.bus.askNode(second.id, question, 20_000)).toEqual({
        answers: [{ nodeId: second.id, answer: { wasHere: false } }],
        silent: [],
      });
    });

    test("a node that does not answer is listed, and so is one that does not exist", async () => {
      const [first, second] = others;
      first.bus.onQuestion("close-connection", async () => ({ wasHere: true }));
      second.bus.onQuestion("close-connection", () => Promise.withResolvers<{ wasHere: boolean }>().promise);
      const question = { type: "close-connection", appId: "1", socketId: "1.1" } as const;
      const { answers, silent } = await asking.bus.ask(question, timeoutMs);
      expect(answers.map(({ nodeId }) => nodeId)).toEqual([first.id]);
      expect(silent).toEqual([second.id]);
      expect(await asking.bus.askNode("nobody", question, timeoutMs)).toEqual({
        answers: [],
        silent: ["nobody"],
      });
    });

    test("a topic reaches its listeners, and other nodes can see whether it has any", async () => {
      const [listening, sending] = others;
      expect(sending.bus.hasListeners("live 1")).toBe(false);
      const texts: string[] = [];
      const end = listening.bus.listen("live 1", (text) => texts.push(text) > 0);
      await until("the listener to be known", () => sending.bus.hasListeners("live 1"));
      expect(sending.bus.hasListeners("live 2")).toBe(false);
      for (const text of ["a", "b", "c"]) sending.bus.send("live 1", text);
      await until("the texts", () => texts.length === 3);
      expect(texts).toEqual(["a", "b", "c"]);
      end();
      await until("nobody to listen", () => !sending.bus.hasListeners("live 1"));
    });
  });
}
