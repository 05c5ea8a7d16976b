/** Which route a path belongs to. A dozen routes need no library, and this door is the one that must be quick. */

export interface Route<Work> {
  readonly method: "GET" | "POST";
  /** Such as `/apps/:appId/channels/:channel`; what begins with a colon stands for one segment that is not empty. */
  readonly pattern: string;
  readonly work: Work;
}

export interface FoundRoute<Work> {
  readonly route: Route<Work>;
  /** The segments that the pattern names, as they stand in the path. */
  readonly params: Readonly<Record<string, string>>;
}

/** `find` looks the routes through in their order: the busiest should come first. */
export function createFindRoute<Work>(
  routes: readonly Route<Work>[],
  pathPrefix: string,
): (path: string) => FoundRoute<Work> | null {
  const table = routes.map((route) => ({ route, segments: route.pattern.split("/") }));

  return function find(path) {
    if (!path.startsWith(pathPrefix)) return null;
    const given = path.slice(pathPrefix.length).split("/");
    for (const { route, segments } of table) {
      const params = match(segments, given);
      if (params !== null) return { route, params };
    }
    return null;
  };
}

function match(segments: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (segments.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (let index = 0; index < segments.length; index += 1) {
    const wanted = segments[index] ?? "";
    const found = given[index] ?? "";
    if (wanted.startsWith(":") && found !== "") params[wanted.slice(1)] = found;
    else if (wanted !== found) return null;
  }
  return params;
}
