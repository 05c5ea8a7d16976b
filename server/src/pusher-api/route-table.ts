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
  const table = routes.map((route) => {
    const names = [...route.pattern.matchAll(/:(\w+)/g)].map(([, name]) => name ?? "");
    const path = route.pattern.replaceAll(/:\w+/g, "([^/]+)");
    return { route, names, path: new RegExp(`^${path}$`) };
  });

  return function find(path) {
    if (!path.startsWith(pathPrefix)) return null;
    const given = path.slice(pathPrefix.length);
    for (const { route, names, path } of table) {
      const found = path.exec(given);
      if (found === null) continue;
      const params: Record<string, string> = {};
      for (const [index, name] of names.entries()) params[name] = found[index + 1] ?? "";
      return { route, params };
    }
    return null;
  };
}
