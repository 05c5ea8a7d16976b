/**
 * Encodes the entries of lines as text. The first character is the kind. The frame of an event is included unchanged.
 */
import type { JoinedHistory, KeptEvent, Position } from "../core/ports/history.ts";
import type { LineEvent } from "../core/ports/line.ts";
import type { MemberInfo } from "../protocol/server-message.ts";

/** The node that published an event, and that node's sequence number of the event. */
export interface Origin {
  /** A stored event has only its first characters. */
  readonly nodeId: string;
  readonly sequence: number;
}

export type LineEntry =
  | {
      readonly type: "event";
      readonly event: LineEvent;
      readonly origin: Origin;
      readonly position: Position | null;
    }
  | { readonly type: "added"; readonly member: MemberInfo }
  | { readonly type: "removed"; readonly userId: string }
  | { readonly type: "count"; readonly count: number }
  | { readonly type: "answer"; readonly answer: Answer };

/** The engine's answer to a join or a contribution, at its point of the line. */
export interface Answer {
  readonly token: string;
  readonly isFull: boolean;
  /** Null if they were not requested. */
  readonly members: readonly MemberInfo[] | null;
  readonly history: AnsweredHistory | null;
}

interface StoredEvent extends KeptEvent {
  /** Null for events that a node of an older version published. */
  readonly origin: Origin | null;
}

type AnsweredHistory =
  | Exclude<JoinedHistory, { outcome: "whole" }>
  | (Extract<JoinedHistory, { outcome: "whole" }> & { readonly events: readonly StoredEvent[] });

/** The first line of an event's entry. */
export function headerOf({ exceptSocketId, userId }: LineEvent, { nodeId, sequence }: Origin): string {
  return `${exceptSocketId ?? ""}\t${userId === null ? "" : encodeURIComponent(userId)}\t${nodeId}\t${sequence}`;
}

/** The entry of an event that is not stored. The engine writes the entries of stored events. */
export function entryOf(event: LineEvent, origin: Origin): string {
  return `e${headerOf(event, origin)}\n${event.frame}`;
}

type MemberJson = readonly [userId: string, infoJson: string | null];

/** A member as Redis stores and sends it. */
export function encodeMember({ userId, infoJson }: MemberInfo): string {
  return JSON.stringify([userId, infoJson]);
}

export function decodeMember(text: string): MemberInfo {
  const [userId, infoJson] = JSON.parse(text) as MemberJson;
  return { userId, infoJson };
}

/** Null for an unknown kind, which a newer node may send. */
export function decodeEntry(text: string): LineEntry | null {
  switch (text[0]) {
    case "e":
    case "E":
      return decodeEvent(text);
    case "+":
      return { type: "added", member: decodeMember(text.slice(1)) };
    case "-":
      return { type: "removed", userId: decodeMember(text.slice(1)).userId };
    case "#":
      return { type: "count", count: Number(text.slice(1)) };
    case "=":
      return { type: "answer", answer: decodeAnswer(text.slice(1)) };
    default:
      return null;
  }
}

function decodeEvent(text: string): LineEntry {
  const end = text.indexOf("\n");
  const [except = "", user = "", nodeId = "", sequence, epoch, offset] = text.slice(1, end).split("\t");
  return {
    type: "event",
    event: {
      frame: text.slice(end + 1),
      exceptSocketId: except || null,
      userId: user === "" ? null : decodeURIComponent(user),
    },
    origin: { nodeId, sequence: Number(sequence) },
    position: epoch === undefined ? null : { epoch, offset: Number(offset) },
  };
}

interface AnswerJson {
  readonly t: string;
  readonly u?: 1;
  readonly m?: readonly MemberJson[];
  readonly h?: HistoryJson;
}

interface HistoryJson {
  readonly e: string;
  readonly o: string;
  readonly r?: "unknown_epoch" | "expired" | "too_many";
  readonly v?: unknown;
  readonly f?: 1;
}

function decodeAnswer(text: string): Answer {
  const { t, u, m, h } = JSON.parse(text) as AnswerJson;
  return {
    token: t,
    isFull: u === 1,
    members: m?.map(([userId, infoJson]) => ({ userId, infoJson })) ?? null,
    history: h === undefined ? null : decodeHistory(h),
  };
}

function decodeHistory({ e, o, r, v, f }: HistoryJson): AnsweredHistory {
  const position = { epoch: e, offset: Number(o) };
  if (r !== undefined) return { outcome: "refused", reason: r, position };
  return { outcome: "whole", position, events: decodeStored(v), isFirstMiss: f === 1 };
}

export function decodeKept(list: unknown): KeptEvent[] {
  return decodeStored(list).map(({ origin: _, ...kept }) => kept);
}

/** Events as the scripts return them: offset, time, frame, excluded socket id, encoded user, origin. */
function decodeStored(list: unknown): StoredEvent[] {
  return listOf<[string, string, string, string, string, string?]>(list).map(
    ([offset, atMs, frame, exceptSocketId, userId, origin]) => ({
      offset: Number(offset),
      atMs: Number(atMs),
      frame,
      exceptSocketId: exceptSocketId || null,
      userId: userId === "" ? null : decodeURIComponent(userId),
      origin: origin === undefined ? null : decodeOrigin(origin),
    }),
  );
}

function decodeOrigin(text: string): Origin {
  const [nodeId = "", sequence] = text.split(".");
  return { nodeId, sequence: Number(sequence) };
}

/** Lua writes an empty list as an empty object. */
function listOf<Item>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

/** The revision and the time of absence of a change, parsed from a script's answer. `awayMs` is absent if unknown. */
export function whenOf(revision: string, awayMs?: string): { revision: number; awayMs?: number } {
  return { revision: Number(revision), ...(awayMs !== undefined && { awayMs: Number(awayMs) }) };
}
