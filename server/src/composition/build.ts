/** What this program was built from. */
import { version } from "../../package.json";

/** Set by scripts/build-server.js. */
declare const BUILD_COMMIT: string | undefined;

export { version };
/** The short hash of the commit; null: the program runs from source. */
export const commit: string | null = typeof BUILD_COMMIT === "string" ? BUILD_COMMIT : null;
