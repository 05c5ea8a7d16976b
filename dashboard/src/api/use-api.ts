/** The API as hooks: what is asked is kept by its route and input, and asked again when something changed. */
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type Answer, type ApiError, call, type Input, type Route } from "./client.ts";

export type ReadRoute = Extract<Route, `GET ${string}`>;

/** `everyMs`: asked again as often, while the page is looked at. */
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

/** A request that changes something; afterwards whatever is on the screen is asked again. */
export function useChange<Name extends Route>(
  route: Name,
): UseMutationResult<Answer<Name>, ApiError, Input<Name>> {
  const queries = useQueryClient();
  return useMutation<Answer<Name>, ApiError, Input<Name>>({
    mutationFn: (input) => call(route, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
