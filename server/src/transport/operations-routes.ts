/** What those who run the server ask it: does it live, is it ready, what does it count. */
import { type Context, Hono } from "hono";
import { equalInConstantTime } from "../protocol/signature.ts";
import type { Readiness } from "./readiness.ts";

export interface Pages {
  readonly contentType: string;
  ofProcess(): Promise<string>;
  ofApps(): Promise<string>;
}

/** With a token, `/metrics` asks for it as a bearer token; `/health` never does. */
export function createOperationsRoutes(
  readiness: Readiness,
  pages: Pages,
  metricsToken: string | null,
): Hono {
  const routes = new Hono();

  async function page(context: Context, render: () => Promise<string>): Promise<Response> {
    const given = context.req.header("authorization") ?? "";
    if (metricsToken !== null && !equalInConstantTime(`Bearer ${metricsToken}`, given)) {
      return context.text("Send the metrics token: Authorization: Bearer …\n", 401, {
        "WWW-Authenticate": "Bearer",
      });
    }
    return context.body(await render(), 200, { "Content-Type": pages.contentType });
  }

  routes.get("/health/live", (context) => context.json({ status: "live" }));
  routes.get("/health/ready", (context) => {
    const problems = readiness.problems();
    return problems.length === 0
      ? context.json({ status: "ready", degraded: readiness.degradations() })
      : context.json({ status: "not ready", problems }, 503);
  });
  routes.get("/metrics", (context) => page(context, pages.ofProcess));
  routes.get("/metrics/apps", (context) => page(context, pages.ofApps));
  return routes;
}
