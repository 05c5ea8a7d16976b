/** Finds the route of a path. It is not a library, because there are only a dozen routes and this lookup is on the hot path. */

export interface Route<Work> {
  readonly method: "GET" | "POST";
  /**
   * Such as `/apps/:appId/channels/:channel`. A name after a colon matches one non-empty segment. At most one beside
   * `:appId`.
   */
  readonly pattern: string;
  readonly work: Work;
}

export interface FoundRoute<Work> {
  readonly route: Route<Work>;
  /** The segment of `:appId`, still percent-encoded; null: the pattern has none. */
  readonly appId: string | null;
  /** The segment of the other name; null: the pattern has none. */
  readonly name: string | null;
}

/** `find` tries the routes in order: put the most used first. */
export function createFindRoute<Work>(
  routes: readonly Route<Work>[],
  pathPrefix: string,
): (path: string) => FoundRoute<Work> | null {
  const table = routes.map((route) => {
    const names = [...route.pattern.matchAll(/:(\w+)/g)].map(([, name]) => name);
    const path = route.pattern.replaceAll(/:\w+/g, "([^/]+)");
    const at = { appId: names.indexOf("appId") + 1, name: names.findIndex((name) => name !== "appId") + 1 };
    return { route, at, path: new RegExp(`^${path}$`) };
  });

  return function find(path) {
    if (!path.startsWith(pathPrefix)) return null;
    const given = path.slice(pathPrefix.length);
    for (const { route, at, path } of table) {
      const found = path.exec(given);
      if (found === null) continue;
      return { route, appId: segment(found, at.appId), name: segment(found, at.name) };
    }
    return null;
  };
}

/** @param index of the group; 0: no group */
function segment(found: RegExpExecArray, index: number): string | null {
  return index === 0 ? null : (found[index] ?? null);
}
