/** The messages of the bus as Redis carries them: JSON with a version and the sending node. */
import type { ClusterMessage, Question, QuestionType } from "../core/ports/cluster-message.ts";

/** The version of the envelopes below. A node ignores and counts envelopes of another version. */
const wireVersion = 1;

type Envelope = { readonly v: number; readonly from: string } & (
  | {
      readonly kind: "message";
      readonly message: ClusterMessage;
      /** How long the message waited on its node, because Redis was unreachable. Absent in messages of older nodes. */
      readonly waitedMs?: number;
    }
  | { readonly kind: "question"; readonly id: string; readonly question: Question<QuestionType> }
  | { readonly kind: "answer"; readonly id: string; readonly answer: unknown }
  | { readonly kind: "topics"; readonly topics: readonly string[] }
);

/** The fields of an envelope, except those that `encodeEnvelope` adds. */
export type EnvelopeContent = OmitEach<Envelope, "v" | "from">;
type OmitEach<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

export function encodeEnvelope(from: string, content: EnvelopeContent): string {
  return JSON.stringify({ v: wireVersion, from, ...content });
}

/** Null: not an envelope of this version. */
export function readEnvelope(text: string): Envelope | null {
  try {
    const envelope = JSON.parse(text) as Envelope;
    return envelope.v === wireVersion ? envelope : null;
  } catch {
    return null; // The caller counts it.
  }
}

/** A stored message: its id in the stream, its envelope, and for how long Redis has had it. */
export type Stored = readonly [id: string, text: string, storedForMs: number];

/** A stored message as it arrives on the line: its id and a space before the envelope. Null: it is not stored. */
export function readStored(text: string): Stored | null {
  const [, id, envelope] = /^(\d+-\d+) (.*)$/s.exec(text) ?? [];
  return id === undefined || envelope === undefined ? null : [id, envelope, 0];
}

/** @param reply of the script `missed` */
export function readMissed(reply: unknown): Stored[] {
  const [nowMs, entries] = reply as [string, [string, string[]][]];
  return entries.map(([id, [, text = ""]]) => [
    id,
    text,
    Math.max(0, Number(nowMs) - Number.parseInt(id, 10)),
  ]);
}
