/** Paginated lists of the API. */
import type { AdminError, Answer, Input, Route } from "@soketify/admin";
import { keepPreviousData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { admin } from "./client.ts";

/** The next page of most lists begins with a cursor, that of a history with an offset. */
type Paged =
  | { readonly nextCursor: string | null; readonly total?: number }
  | { readonly next: number | null };
type PagedRoute = { [Name in Route]: Answer<Name> extends Paged ? Name : never }[Route];

export interface List<Row, Page = unknown> {
  /** The rows of the pages fetched so far. */
  readonly rows: readonly Row[];
  /** The first page's answer, for the fields beside its rows. */
  readonly firstPage: Page | undefined;
  /** The number of rows on all pages; null if the API does not count them. */
  readonly total: number | null;
  readonly hasMore: boolean;
  /** The rows belong to the previous input; those for the new one are loading. */
  readonly isOfPreviousInput: boolean;
  readonly isLoadingMore: boolean;
  /** Fetches the next page if there is one and it is not loading yet. */
  readonly loadMore: () => void;
  /** The underlying query, for its loading and error states. */
  readonly query: Pick<UseInfiniteQueryResult<unknown, AdminError>, "data" | "error" | "refetch">;
}

/**
 * @param rowsOf must be the same function from one render to the next
 * @param everyMs refreshes the shown rows in this interval, with one request for any number of pages
 */
export function useList<Name extends PagedRoute, Row>(
  route: Name,
  input: Input<Name>,
  rowsOf: (page: Answer<Name>) => readonly Row[],
  {
    everyMs = null,
    isEnabled = true,
  }: { readonly everyMs?: number | null; readonly isEnabled?: boolean } = {},
): List<Row, Answer<Name>> {
  const query = useInfiniteQuery({
    queryKey: [route, "pages", input],
    queryFn: ({ pageParam }) => admin.call(route, pageFrom(input, pageParam)),
    enabled: isEnabled,
    initialPageParam: null as string | number | null,
    getNextPageParam: (page: Answer<Name>) => nextOf(page as Paged),
    refetchInterval: ({ state }) => everyMs !== null && everyMs * (state.data?.pages.length ?? 1),
    placeholderData: keepPreviousData,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const pages = data?.pages;
  const rows = useMemo(() => (pages ?? []).flatMap((page) => [...rowsOf(page)]), [pages, rowsOf]);
  const last = pages?.at(-1) as Paged | undefined;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    firstPage: pages?.[0],
    total: last !== undefined && "total" in last ? (last.total ?? null) : null,
    hasMore: hasNextPage,
    isOfPreviousInput: query.isPlaceholderData,
    isLoadingMore: isFetchingNextPage,
    loadMore,
    query: query as List<Row>["query"],
  };
}

function nextOf(page: Paged): string | number | null {
  return "next" in page ? page.next : page.nextCursor;
}

function pageFrom<Name extends Route>(input: Input<Name>, start: string | number | null): Input<Name> {
  if (start === null) return input;
  const { query } = input as { readonly query?: object };
  return {
    ...input,
    query: { ...query, ...(typeof start === "number" ? { from: start } : { cursor: start }) },
  };
}
