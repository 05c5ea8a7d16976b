/** The contract of every list of nodes. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { NodeReport, Nodes } from "../../src/core/ports/nodes.ts";
import { nodeHealth } from "../support/fakes/node-health.ts";
import { until } from "../support/until.ts";

export interface OpenedNodes {
  readonly nodes: readonly [Nodes, Nodes];
  /** The second node loses its connection to the engine, as when it is killed. Its lease does not expire. */
  cut(): Promise<void>;
  /** The second node dies without leaving. Time passes until its lease has expired. */
  kill(): Promise<void>;
}

const startedAtMs = Date.UTC(2026, 0, 1);

export function nodesContract(supplier: string, open: () => Promise<OpenedNodes>): void {
  let first: Nodes;
  let second: Nodes;
  let opened: OpenedNodes;
  let swept: string[];
  let isSecondDraining: boolean;

  function report(index: number): NodeReport {
    return {
      name: `node-${index}`,
      hostname: `host-${index}`,
      version: "1.2.3",
      isDraining: index === 1 && isSecondDraining,
      startedAtMs: startedAtMs + index,
      connections: new Map([["1", 10 + index]]),
      unauthorized: new Map([["1", 3]]),
      messagesLastMinute: new Map([["1", 100 + index]]),
      health: nodeHealth,
    };
  }

  describe(`${supplier} as a list of nodes`, () => {
    beforeEach(async () => {
      opened = await open();
      [first, second] = opened.nodes;
      swept = [];
      isSecondDraining = false;
      for (const nodes of opened.nodes)
        nodes.onDeparted(async (id) => {
          swept.push(id);
          return null;
        });
      await first.start(() => report(0));
      await second.start(() => report(1));
      for (const nodes of opened.nodes) await until("two nodes", () => nodes.alive().length === 2);
    });

    test("each node lists all living nodes, oldest first, with their reports", () => {
      for (const nodes of [first, second])
        expect(nodes.alive()).toEqual([
          { id: first.id, lastSeenAtMs: expect.any(Number), ...report(0) },
          { id: second.id, lastSeenAtMs: expect.any(Number), ...report(1) },
        ]);
      expect([first.connectionsElsewhere("1"), second.connectionsElsewhere("1")]).toEqual([11, 10]);
      expect(first.connectionsElsewhere("2")).toBe(0);
      expect([first.limitedElsewhere("1", false), first.limitedElsewhere("1", true)]).toEqual([11, 8]);
      expect(first.limitedElsewhere("2", true)).toBe(0);
      expect([first.messagesElsewhere("1"), second.messagesElsewhere("1")]).toEqual([101, 100]);
    });

    test("the connections of a node that is draining do not count against a limit, because their clients come back", async () => {
      isSecondDraining = true;
      await until("the report", () => first.alive().some(({ isDraining }) => isDraining));
      expect([first.limitedElsewhere("1", false), first.limitedElsewhere("1", true)]).toEqual([0, 0]);
      expect([first.connectionsElsewhere("1"), second.limitedElsewhere("1", false)]).toEqual([11, 10]);
    });

    test("the connections of a killed node do not count against a limit, although its lease has not expired", async () => {
      await opened.cut();
      await until("the loss", () => first.limitedElsewhere("1", false) === 0);
      expect(first.connectionsElsewhere("1")).toBe(11);
    });

    test("the time when a node was last seen increases with its reports, and stops with them", async () => {
      const seen = () => first.alive().find(({ id }) => id === second.id)?.lastSeenAtMs ?? 0;
      const before = seen();
      await until("the next report", () => seen() > before);
    });

    test("a node that leaves is swept immediately, and listed among the departed", async () => {
      await second.stop();
      await until("the sweep", () => swept.length > 0);
      await until("the departed", () => first.departed().length === 1);
      expect(swept).toEqual([second.id]);
      expect(first.alive().map(({ id }) => id)).toEqual([first.id]);
      expect(first.departed()[0]).toMatchObject({ id: second.id, ...report(1) });
    });

    test("a node that dies is swept after its lease has expired", async () => {
      await opened.kill();
      await until("the sweep", () => swept.length > 0);
      expect(swept).toEqual([second.id]);
      expect(first.alive().map(({ id }) => id)).toEqual([first.id]);
    });
  });
}
