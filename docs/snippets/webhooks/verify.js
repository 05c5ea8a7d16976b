import { Webhook } from "standardwebhooks";

/** Throws if Soketify did not sign this request. */
export function verify(body, headers) {
  new Webhook(process.env.SOKETIFY_APP_SECRET, { format: "raw" }).verify(body, headers);
}
