/** The `info` parameter, a comma-separated list of attributes. */
import { type InfoAttribute, infoAttributes } from "../actions/read-channels.ts";
import { HttpError } from "../protocol/errors.ts";

const none: readonly InfoAttribute[] = [];

/** @throws HttpError 400 for an unknown attribute */
export function parseInfo(info: string | null): readonly InfoAttribute[] {
  if (info === null || info === "") return none;
  return info.split(",").map((attribute) => {
    const known = infoAttributes.find((name) => name === attribute.trim());
    if (known !== undefined) return known;
    throw new HttpError(
      400,
      `info should be a comma separated list of attributes (${infoAttributes.join(", ")}), but it has ${JSON.stringify(attribute.slice(0, 64))}`,
    );
  });
}
