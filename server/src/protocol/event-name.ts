/** The names of events that a backend may publish. The other names are the protocol's own, or of client events. */
const reservedPrefixes = ["pusher:", "pusher_internal:", "client-"];

export function isBackendEventName(name: string): boolean {
  for (const prefix of reservedPrefixes) if (name.startsWith(prefix)) return false;
  return true;
}

/** The names that `isBackendEventName` accepts. */
export const backendEventPattern = `^(?!${reservedPrefixes.join("|")})`;
