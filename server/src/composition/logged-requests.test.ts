import { expect, test } from "bun:test";
import { problemResponse } from "../admin-api/problem.ts";
import { logFields, noteRoute } from "../net/request-context.ts";
import { withRequestIds } from "./logged-requests.ts";

const silent = { debug: () => undefined };

test("the answer to a failed request names the id of its lines in the log", async () => {
  const logged: object[] = [];
  const handler = {
    async fetch() {
      noteRoute("/api/v1/apps/{appId}", "1");
      await Promise.resolve();
      return problemResponse(new Error("broken"), () => logged.push(logFields()));
    },
  };
  const request = new Request("http://localhost/realtime/api/v1/apps/1");
  const answer = await withRequestIds(handler, silent, "/realtime").fetch(request, {});
  const requestId = answer.headers.get("x-request-id");
  expect(logged).toEqual([{ requestId, appId: "1" }]);
  expect(await answer.json()).toMatchObject({
    detail: `The server failed: see its log at the request id ${requestId}`,
  });
});

test("a file of the dashboard has no id", async () => {
  const handler = { fetch: () => new Response(JSON.stringify(logFields())) };
  const answer = await withRequestIds(handler, silent, "").fetch(
    new Request("http://localhost/dashboard/"),
    {},
  );
  expect([await answer.text(), answer.headers.get("x-request-id")]).toEqual(["{}", null]);
});
