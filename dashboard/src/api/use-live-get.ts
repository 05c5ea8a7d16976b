/** Asks again when the live feed rings: what is shown comes from one answer, so nothing is lost or doubled between two. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Answer, ApiError, Input } from "./client.ts";
import type { LiveFilter } from "./live-filter.ts";
import { listenLive } from "./live-stream.ts";
import { type ReadRoute, useGet } from "./use-api.ts";

const pauseMs = 200;
/** For what the feed does not tell, such as pings. */
const everyMs = 5_000;

/** @param bell what of the app's feed changes the answer; it must stay the same from render to render */
export function useLiveGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name> & { readonly path: { readonly appId: string } },
  bell: LiveFilter,
): UseQueryResult<Answer<Name>, ApiError> {
  const query = useGet(route, input, { everyMs });
  const { refetch } = query;
  const { appId } = input.path;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const { leave } = listenLive(appId, bell, (news) => {
      // The first answer is on its way then.
      if (news.kind === "state" && news.state === "connecting") return;
      timer ??= setTimeout(() => {
        timer = null;
        void refetch();
      }, pauseMs);
    });
    return () => {
      leave();
      if (timer !== null) clearTimeout(timer);
    };
  }, [appId, bell, refetch]);
  return query;
}
