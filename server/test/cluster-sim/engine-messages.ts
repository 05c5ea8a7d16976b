/** The messages between nodes and the simulated engine. */
import type { ClusterMessage, Question, QuestionType } from "../../src/core/ports/cluster-message.ts";
import type { JoinedHistory, Position } from "../../src/core/ports/history.ts";
import type { LineEvent } from "../../src/core/ports/line.ts";
import type { Joined, RosterChange } from "../../src/core/ports/roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import type { SimLink } from "./sim-link.ts";

export const busLine = "#bus";

/** A message on a line. `id` identifies a publish of one node, so that the node recognizes it. */
export type LineMessage =
  | {
      readonly type: "event";
      readonly id: string;
      readonly event: LineEvent;
      readonly position: Position | null;
    }
  | { readonly type: "member-added"; readonly member: MemberInfo }
  | { readonly type: "member-removed"; readonly userId: string }
  | { readonly type: "count"; readonly subscriptionCount: number }
  | { readonly type: "user"; readonly isOnline: boolean }
  | { readonly type: "joined"; readonly token: number; readonly joined: Joined }
  | { readonly type: "synced"; readonly answer: SyncAnswer }
  | { readonly type: "watched"; readonly isOnline: boolean }
  | { readonly type: "bus"; readonly from: string; readonly message: BusMessage };

/** Questions are sent like messages: the simulation does not wait for answers. */
export type BusMessage = ClusterMessage | Question<QuestionType>;

export interface SyncAnswer {
  readonly members: readonly MemberInfo[];
  readonly history: JoinedHistory | null;
  /** The ids of the history's events. */
  readonly ids: readonly string[];
  readonly isSilent: boolean;
}

/** The receiving end of a node's lines. */
export interface LineEnd {
  readonly link: SimLink;
  receive(line: string, message: LineMessage): void;
  subscribed(lines: readonly string[]): void;
}

/** The state that a session contributes to a channel. After a sweep a node starts a new session. */
export interface Contribution {
  readonly session: string;
  readonly appId: string;
  readonly channel: string;
  readonly count: number;
  readonly isCountPublished: boolean;
}

export interface Reply {
  readonly changes: readonly RosterChange[];
  /** If the count was not sent now, the time until it is due. */
  readonly countDueInMs: number | null;
}

/** A change without its revision. */
export type Unnumbered = Without<RosterChange>;
type Without<Change> = Change extends RosterChange ? Omit<Change, "revision"> : never;
