/** The API as hooks. Answers are cached by route and input, and fetched again after each change. */
import type { AdminError, Answer, Input, Route } from "@soketify/admin";
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { admin } from "./client.ts";

export type ReadRoute = Extract<Route, `GET ${string}`>;

/** `everyMs`: refetches in this interval while the page is visible. */
export function useGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name>,
  options: { readonly everyMs?: number; readonly isEnabled?: boolean } = {},
): UseQueryResult<Answer<Name>, AdminError> {
  return useQuery<Answer<Name>, AdminError>({
    queryKey: [route, input],
    queryFn: () => admin.call(route, input),
    refetchInterval: options.everyMs ?? false,
    enabled: options.isEnabled ?? true,
    placeholderData: (previous) => previous,
  });
}

/** A request that changes something. Afterwards every query on the screen is fetched again. */
export function useChange<Name extends Route>(
  route: Name,
): UseMutationResult<Answer<Name>, AdminError, Input<Name>> {
  const queries = useQueryClient();
  return useMutation<Answer<Name>, AdminError, Input<Name>>({
    mutationFn: (input) => admin.call(route, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
