/** `GET /apps/{appId}/live`: streams an app's activity to callers with permission, and ends when they lose it. */
import type { App } from "../../core/apps/app.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import type { LiveFeed } from "../../live/live-feed.ts";
import { createLiveFilter } from "../../live/live-filter.ts";
import { createQueueBudget, type LiveEnd, LiveStream } from "../../live/live-stream.ts";
import type { StreamLimits } from "../../live/stream-limits.ts";
import type { Handlers } from "../handlers.ts";
import type { Principal } from "../principal.ts";

const heartbeatMs = 10_000;

export function createLiveHandlers(
  { feed, streamLimits }: { readonly feed: LiveFeed; readonly streamLimits: StreamLimits },
  registry: AppRegistry,
  clock: Clock,
): Handlers<"live"> {
  const budget = createQueueBudget();

  /** Why the stream must end; null if the watcher still has permission. */
  async function endOf(
    { id, createdAtMs }: App,
    recheck: () => Promise<Principal>,
  ): Promise<LiveEnd["reason"] | null> {
    if (registry.byId(id)?.createdAtMs !== createdAtMs) return "appDeleted";
    try {
      const principal = await recheck();
      return principal.can("app.read", id) ? null : "unauthorized";
    } catch (error) {
      // An unreachable database does not mean that the token is invalid.
      return error instanceof Refusal ? "unauthorized" : null;
    }
  }

  return {
    live({ app, principal, query, request, recheck }) {
      const stream = new LiveStream(app.id, createLiveFilter(query), budget, () => {
        removeStream();
        watching.leave();
        cancelBeat();
      });
      const removeStream = streamLimits.add({
        holder: principal.key,
        holderName: principal.identity.name,
        appId: app.id,
        recheck: () => stream.holdUntil(endOf(app, recheck)),
      });
      const after = request.headers.get("last-event-id") ?? query.after ?? null;
      const watching = feed.watch(app.id, after, stream);
      stream.position(watching.lastId(), clock.now());
      let cancelBeat = clock.after(heartbeatMs, beat);

      function beat(): void {
        stream.heartbeat(watching.lastId(), clock.now());
        cancelBeat = clock.after(heartbeatMs, beat);
        endOf(app, recheck).then((reason) => {
          if (reason !== null) stream.end(reason);
        });
      }

      return new Response(stream.readable, {
        headers: {
          "Content-Type": "text/event-stream",
          "Cache-Control": "no-store",
          // Without this header nginx buffers the stream.
          "X-Accel-Buffering": "no",
        },
      });
    },
  };
}
