/** For answers of the admin API that cover all nodes. */
import { until } from "./until.ts";

/** Waits until every node has answered and the answer is as expected. */
export function whole<Answer extends { readonly unanswered: readonly unknown[] }>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean = () => true,
): Promise<Answer> {
  return until("the whole answer", async () => {
    const answer = await ask();
    return answer.unanswered.length === 0 && isWanted(answer) && answer;
  });
}

/** Asks again while the answer is refused because a busy node did not answer in time. */
export function answered<Answer>(ask: () => Promise<Answer>) {
  return until("an answer of all nodes", () =>
    ask().catch((error: Error) => {
      if (error.message.includes("nodes_unanswered")) return null;
      throw error;
    }),
  );
}
