import { expect, test } from "bun:test";
import { request } from "../support/net/http-request.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const debugged = useServer({
  isOneProcess: true,
  env: { SOKETIFY_LOG_FORMAT: "json", SOKETIFY_LOG_LEVEL: "debug" },
});
const usual = useServer({ isOneProcess: true, env: { SOKETIFY_LOG_FORMAT: "json" } });

type Line = Readonly<Record<string, unknown>>;

function linesOf(log: string): Line[] {
  const lines = log.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  return lines.map((line) => JSON.parse(line) as Line);
}

function lineOf(requestId: string): Promise<Line> {
  return until(`the line of ${requestId}`, () =>
    linesOf(debugged.server.log).find((line) => line.requestId === requestId),
  );
}

const body = JSON.stringify({ name: "greeting", channel: "room", data: "{}" });

test("at the level debug each request is a line with its id, its app and its route", async () => {
  const { app } = debugged.server;
  const published = await debugged.api({ method: "POST", path: "/events", body }, { "X-Request-Id": "r-1" });
  expect([published.status, published.headers.get("x-request-id")]).toEqual([200, "r-1"]);
  expect(await lineOf("r-1")).toMatchObject({
    msg: "Request",
    method: "POST",
    route: "/apps/:appId/events",
    status: 200,
    appId: app.id,
    durationMs: expect.any(Number),
  });
  const url = `${debugged.server.httpUrl}/api/v1/apps/${app.id}?token=secret`;
  const admin = await request(url, { headers: { "X-Request-Id": "r-2" } });
  expect([admin.status, admin.headers.get("x-request-id")]).toEqual([401, "r-2"]);
  expect(await lineOf("r-2")).toMatchObject({ route: "/api/v1/apps/{appId}", status: 401, appId: app.id });
  expect(linesOf(debugged.server.log).filter(({ requestId }) => requestId === "r-2")).toHaveLength(1);
  expect(debugged.server.log).not.toContain("token=secret");
});

test("an admin request and a refused publish are answered with an id; what is no id is replaced", async () => {
  const { httpUrl, app } = usual.server;
  const made = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
  for (const given of ["two words", "x".repeat(129), "ümlaut"]) {
    const admin = await request(`${httpUrl}/api/v1/server`, { headers: { "X-Request-Id": given } });
    expect(admin.headers.get("x-request-id")).toMatch(made);
  }
  const refused = await request(`${httpUrl}/apps/${app.id}/events`, { method: "POST", body });
  expect([refused.status, refused.headers.get("x-request-id")]).toEqual([401, expect.stringMatching(made)]);
  const unknown = await request(`${httpUrl}/apps/${app.id}/events`, { headers: { "X-Request-Id": "r-3" } });
  expect([unknown.status, unknown.headers.get("x-request-id")]).toEqual([405, "r-3"]);
});

test("at the usual level a publish that succeeds gets no id and no line", async () => {
  const published = await usual.api({ method: "POST", path: "/events", body }, { "X-Request-Id": "r-4" });
  expect([published.status, published.headers.get("x-request-id")]).toEqual([200, null]);
  expect(linesOf(usual.server.log).filter(({ msg }) => msg === "Request")).toEqual([]);
});
