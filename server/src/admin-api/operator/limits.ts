/** The handlers that report the usage of limits. */
import type { ReadLimits } from "../../management/read-limits.ts";
import type { Handlers } from "../handlers.ts";

export function createLimitHandlers(read: ReadLimits): Handlers<"serverLimits" | "appLimits"> {
  return {
    async serverLimits() {
      const { limits, unanswered } = await read.ofServer();
      return { limits: [...limits], unanswered: [...unanswered] };
    },
    async appLimits({ app }) {
      const { limits, unanswered } = await read.ofApp(app);
      return { limits: [...limits], unanswered: [...unanswered] };
    },
  };
}
