/** Finds the route of a path. It is not a library, because there are only a dozen routes and this lookup is on the hot path. */

export interface Route<Work> {
  readonly method: "GET" | "POST";
  /** Such as `/apps/:appId/channels/:channel`. A name after a colon matches one non-empty segment. */
  readonly pattern: string;
  readonly work: Work;
}

export interface FoundRoute<Work> {
  readonly route: Route<Work>;
  /** The named segments, still percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** `find` tries the routes in order: put the most used first. */
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
