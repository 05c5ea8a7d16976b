/** The admin API, with the login of this page. */
import { AdminClient } from "@soketify/admin";
import { parseExactly } from "../../../server/src/protocol/parse-exactly.ts";
import { Removals } from "./removals.ts";

/** The server's root URL as the browser reaches it, with the path prefix; ends with a slash. */
export const serverUrl = new URL("../", document.baseURI);

export const removals = new Removals();

export const admin = new AdminClient(serverUrl, { parse: parseExactly, send: removals.send });
