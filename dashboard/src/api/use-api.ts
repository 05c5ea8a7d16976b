/** The API as hooks. Answers are cached by route and input, and fetched again after each change. */
import type { AdminError, Answer, Input, Route } from "@soketify/admin";
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { admin, removals } from "./client.ts";

/** The query key of `GET /session`. */
export const sessionKey = ["session"] as const;

export type ReadRoute = Extract<Route, `GET ${string}`>;

/** Repeats a failed request until it is answered, as while the database is unreachable. `failureReason` is the latest failure. */
export const untilAnswered = { retry: true, retryDelay: 3_000 } as const;

/** `everyMs`: refetches in this interval while the page is visible. `isRepeated`: see `untilAnswered`. */
export function useGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name>,
  options: { readonly everyMs?: number; readonly isEnabled?: boolean; readonly isRepeated?: boolean } = {},
): UseQueryResult<Answer<Name>, AdminError> {
  return useQuery<Answer<Name>, AdminError>({
    queryKey: [route, input],
    queryFn: () => admin.call(route, input),
    refetchInterval: options.everyMs ?? false,
    enabled: options.isEnabled ?? true,
    placeholderData: (previous) => previous,
    ...(options.isRepeated === true ? untilAnswered : {}),
  });
}

/**
 * A request that changes something. Afterwards queries on the screen are fetched again.
 * @param fetched `others`: not those of the changed path, because the thing is gone; `none`: no query, because the
 * caller leaves the page. Both avoid requests that can only fail
 */
export function useChange<Name extends Route>(
  route: Name,
  fetched: "all" | "others" | "none" = "all",
): UseMutationResult<Answer<Name>, AdminError, Input<Name>> {
  const queries = useQueryClient();
  return useMutation<Answer<Name>, AdminError, Input<Name>>({
    mutationFn: (input) => {
      const change = () => admin.call(route, input);
      return fetched === "others" ? removals.remove(coversBelow(pathOf(route, input)), change) : change();
    },
    onSuccess: (_, input) =>
      queries.invalidateQueries({
        refetchType: fetched === "none" ? "none" : "active",
        predicate: ({ queryKey }) => fetched !== "others" || !isOf(queryKey, route, input),
      }),
  });
}

/** Ends the session, and shows the login before it forgets the answers to the previous person. */
export function useLogOut() {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => {
      const session = pathOf("GET /session", {});
      return removals.remove(
        (path) => path !== session,
        () => admin.call("DELETE /session", {}),
      );
    },
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionKey });
      queries.removeQueries({ type: "inactive" });
    },
  });
  return { logOut: () => mutate(), isPending };
}

/** The URL's path. */
function pathOf<Name extends Route>(route: Name, input: Input<Name>): string {
  return new URL(admin.url(route, input)).pathname;
}

/** Tells whether a path is this one, or below it. */
function coversBelow(above: string): (path: string) => boolean {
  return (path) => `${path}/`.startsWith(`${above}/`);
}

/** Whether the query reads the route's path, or one below it, with the same parameters. */
function isOf(queryKey: readonly unknown[], route: Route, input: object): boolean {
  const [name] = queryKey;
  const path = route.slice(route.indexOf(" ") + 1);
  const isBelow = typeof name === "string" && `${name}/`.startsWith(`GET ${path}/`);
  const asked = (queryKey.at(-1) as { readonly path?: object } | undefined)?.path;
  const changed = Object.entries("path" in input ? (input.path as object) : {});
  return isBelow && changed.every(([key, value]) => Object(asked)[key] === value);
}
