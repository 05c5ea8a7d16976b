/** The methods of the paths of `/api/v1`, for requests with another method. */
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { peopleEndpoints } from "./people/people-endpoints.ts";

const documentPath = { method: "get", path: "/openapi.json" } as const;

const patterns = [documentPath, ...Object.values(endpoints), ...Object.values(peopleEndpoints)].map(
  ({ method, path }: Pick<Endpoint, "method" | "path">) => ({
    path,
    // Hono answers HEAD where there is GET.
    methods: method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
    pattern: new RegExp(`(?:^|/api/v1)${path.replace(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  }),
);

/**
 * Returns the methods of a path, and none for an unknown path. If several patterns match, such as `/people/invitations`
 * and `/people/{personId}`, the one with the fewest parameters counts.
 * @param path with or without the prefix `/api/v1`
 */
export function allowedMethods(path: string): string[] {
  const matching = patterns.filter(({ pattern }) => pattern.test(path));
  const [own] = matching.toSorted((a, b) => parametersIn(a.path) - parametersIn(b.path));
  return matching.flatMap((one) => (one.path === own?.path ? one.methods : []));
}

function parametersIn(path: string): number {
  return path.split("{").length - 1;
}
