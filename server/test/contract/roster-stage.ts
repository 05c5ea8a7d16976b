/** The nodes of a roster contract test, and their recorded lines and changes. */
import type { Broker } from "../../src/core/ports/broker.ts";
import type { HistoryBounds } from "../../src/core/ports/history.ts";
import type { Joined, JoinRequest, Roster, RosterChange } from "../../src/core/ports/roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { until } from "../support/until.ts";

export const appId = "1";
export const nobody = { subscriptionCount: 0, userCount: 0 };
export const ada: MemberInfo = { userId: "ada", infoJson: '{"name":"Ada"}' };
export const bob: MemberInfo = { userId: "bob", infoJson: null };
export const bounds: HistoryBounds = { eventsMax: 5, ageMsMax: 3_600_000 };

export interface RosterNode {
  readonly roster: Roster;
  /** The broker with the same lines. Nothing listens to them yet. */
  readonly broker: Broker;
}

/** At least one node. */
export type RosterNodes = readonly [RosterNode, ...RosterNode[]];

export class RosterStage {
  readonly nodes: RosterNodes;
  readonly first: Roster;
  /** On another node than `first` if there are several. */
  readonly last: Roster;
  readonly lines: readonly RecordedLine[];
  /** The changes that all nodes reported, in the order of the reports. */
  readonly changes: RosterChange[] = [];

  constructor(nodes: RosterNodes) {
    this.nodes = nodes;
    this.first = nodes[0].roster;
    this.last = nodes.at(-1)?.roster ?? this.first;
    this.lines = nodes.map(({ broker, roster }) => {
      const line = new RecordedLine();
      broker.listen(line);
      roster.onChange((change) => this.changes.push(change));
      return line;
    });
  }

  async join(
    roster: Roster,
    channel: string,
    member: MemberInfo | null = null,
    rest: Partial<JoinRequest> = {},
  ): Promise<Joined> {
    let answer: Joined | null = null;
    await roster.join(
      {
        appId,
        channel,
        member,
        membersMax: 1_000,
        isCountPublished: false,
        bounds: null,
        catchUp: null,
        ...rest,
      },
      (joined) => {
        if (answer !== null) throw new Error("entered was called twice");
        answer = joined;
      },
    );
    if (answer === null) throw new Error("join resolved before it called entered");
    return answer;
  }

  async leave(
    roster: Roster,
    channel: string,
    userId: string | null = null,
    isCountPublished = false,
  ): Promise<void> {
    await roster.leave({ appId, channel, userId, isCountPublished });
  }

  /** Waits until every node returns these counts: a supplier may update them later than the call returns. */
  async counted(channel: string, expected: { subscriptionCount: number; userCount: number }) {
    for (const { roster } of this.nodes)
      await until(`${JSON.stringify(expected)} in ${channel}`, async () =>
        Bun.deepEquals(await roster.counts(appId, channel), expected),
      );
  }

  /** Waits for this number of changes. Returns them without app, revision and time of absence. */
  async reported(length: number): Promise<object[]> {
    await until(`${length} changes`, () => this.changes.length >= length);
    return this.changes.map(({ revision: _, appId: __, ...change }) =>
      "awayMs" in change ? { ...change, awayMs: undefined } : change,
    );
  }
}
