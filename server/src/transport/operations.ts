/** The endpoints for operators: liveness, readiness and metrics. */
import type { ClientAddresses, RequestSockets } from "../net/client-address.ts";
import { equalInConstantTime } from "../protocol/signature.ts";
import type { Readiness } from "./readiness.ts";

export interface Pages {
  readonly contentType: string;
  ofProcess(): Promise<string>;
  ofApps(): Promise<string>;
}

export interface MetricsAccess {
  /** The bearer token that `/metrics` requires; null: none. */
  readonly token: string | null;
  /** Null if the metrics have their own port: then all clients of that port may read them. */
  readonly addresses: ClientAddresses | null;
}

export type Operation = (request: Request, sockets: RequestSockets) => Response | Promise<Response>;

/** The handlers by path, without the path prefix. `/health` needs no authorization. */
export function createOperations(
  readiness: Readiness,
  pages: Pages,
  access: MetricsAccess,
): Readonly<Record<string, Operation>> {
  const page =
    (render: () => Promise<string>): Operation =>
    async (request, sockets) => {
      const refusal = refusalOf(access, request, sockets);
      return refusal ?? new Response(await render(), { headers: { "Content-Type": pages.contentType } });
    };
  return {
    "/health/live": readOnly(() => Response.json({ status: "live" })),
    "/health/ready": readOnly(() => {
      const problems = readiness.problems();
      return problems.length === 0
        ? Response.json({ status: "ready", degraded: readiness.degradations() })
        : Response.json({ status: "not ready", problems }, { status: 503 });
    }),
    "/metrics": readOnly(page(pages.ofProcess)),
    "/metrics/apps": readOnly(page(pages.ofApps)),
  };
}

function readOnly(operation: Operation): Operation {
  return (request, sockets) => {
    if (request.method === "GET" || request.method === "HEAD") return operation(request, sockets);
    return new Response(`${request.method} is not allowed here: use GET\n`, {
      status: 405,
      headers: { Allow: "GET" },
    });
  };
}

function refusalOf(
  { token, addresses }: MetricsAccess,
  request: Request,
  sockets: RequestSockets,
): Response | null {
  if (token !== null) {
    const given = request.headers.get("authorization") ?? "";
    if (equalInConstantTime(`Bearer ${token}`, given)) return null;
    return new Response("Send the metrics token: Authorization: Bearer …\n", {
      status: 401,
      headers: { "WWW-Authenticate": "Bearer" },
    });
  }
  if (addresses === null || addresses.isFromThisMachine(request, sockets)) return null;
  return new Response(
    "Metrics are available only to this machine through localhost, and not through a proxy. To read them from elsewhere, set " +
      "SOKETIFY_METRICS_TOKEN and send it as Authorization: Bearer, or use a separate port: SOKETIFY_METRICS_PORT and SOKETIFY_METRICS_HOST\n",
    { status: 403 },
  );
}
