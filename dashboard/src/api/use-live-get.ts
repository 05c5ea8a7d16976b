/** Refetches when the live feed reports a matching entry. The page shows one whole answer, so entries are never missing or duplicated. */
import type { AdminError, Answer, Input } from "@soketify/admin";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import { InTurn } from "./in-turn.ts";
import type { LiveFilter } from "./live-filter.ts";
import { listenLive } from "./live-stream.ts";
import { type ReadRoute, useGet } from "./use-api.ts";

const pauseMs = 200;
/** For changes that the feed does not report, such as pings. */
const everyMs = 5_000;

/** @param trigger the feed entries that change the answer; must be the same object on each render */
export function useLiveGet<Name extends ReadRoute>(
  route: Name,
  input: Input<Name> & { readonly path: { readonly appId: string } },
  trigger: LiveFilter,
): UseQueryResult<Answer<Name>, AdminError> {
  const query = useGet(route, input, { everyMs });
  const { refetch } = query;
  const { appId } = input.path;
  useEffect(() => {
    let turns = new InTurn(refetch, pauseMs);
    const { leave } = listenLive(appId, trigger, (news) => {
      // The first answer is loading already.
      if (news.kind === "begin" || (news.kind === "state" && news.state === "connecting")) return;
      if (news.kind === "state" && news.state === "open") {
        // A request from before may have been lost with the network, and never be answered.
        turns.stop();
        turns = new InTurn(refetch, pauseMs);
      }
      turns.news();
    });
    return () => {
      leave();
      turns.stop();
    };
  }, [appId, trigger, refetch]);
  return query;
}
