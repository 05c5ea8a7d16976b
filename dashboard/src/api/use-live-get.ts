/** Asks again when the live feed rings: what is shown comes from one answer, so nothing is lost or doubled between two. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Answer, ApiError, Input } from "./client.ts";
import type { LiveLog } from "./live-log.ts";
import { type ReadRoute, useGet } from "./use-api.ts";

const pauseMs = 200;
/** For what the feed does not tell, such as pings. */
const everyMs = 5_000;

/** @param bell a feed that has a row for whatever changes the answer; it must stay the same from render to render */
export function useLiveGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name>,
  bell: LiveLog,
): UseQueryResult<Answer<Name>, ApiError> {
  const query = useGet(route, input, { everyMs });
  const { refetch } = query;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const leave = bell.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = null;
        void refetch();
      }, pauseMs);
    });
    return () => {
      leave();
      if (timer !== null) clearTimeout(timer);
    };
  }, [bell, refetch]);
  return query;
}
