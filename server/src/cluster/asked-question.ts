/** A question to other nodes whose answers are not complete. */
export interface AskedQuestion {
  readonly answers: { readonly nodeId: string; readonly answer: unknown }[];
  /** The known nodes that have not answered yet. */
  readonly waitingFor: Set<string>;
  /**
   * The number of nodes that received the question, infinite until Redis has said it: an answer may arrive before that. A
   * node that has just started may not be a known node yet.
   */
  askedCount: number;
  readonly done: () => void;
}

/** Whether every node that received the question has answered. */
export function hasAll({ waitingFor, answers, askedCount }: AskedQuestion): boolean {
  return waitingFor.size === 0 && answers.length >= askedCount;
}
