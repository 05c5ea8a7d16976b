/** The API as hooks. Answers are cached by route and input, and fetched again after each change. */
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type Answer, type ApiError, call, type Input, type Route } from "./client.ts";

export type ReadRoute = Extract<Route, `GET ${string}`>;

/** `everyMs`: refetches in this interval while the page is visible. */
export function useGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name>,
  options: { readonly everyMs?: number; readonly isEnabled?: boolean } = {},
): UseQueryResult<Answer<Name>, ApiError> {
  return useQuery<Answer<Name>, ApiError>({
    queryKey: [route, input],
    queryFn: () => call(route, input),
    refetchInterval: options.everyMs ?? false,
    enabled: options.isEnabled ?? true,
    placeholderData: (previous) => previous,
  });
}

/** A request that changes something. Afterwards every query on the screen is fetched again. */
export function useChange<Name extends Route>(
  route: Name,
): UseMutationResult<Answer<Name>, ApiError, Input<Name>> {
  const queries = useQueryClient();
  return useMutation<Answer<Name>, ApiError, Input<Name>>({
    mutationFn: (input) => call(route, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
