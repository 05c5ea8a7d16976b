import { beforeEach, expect, test } from "bun:test";
import { AdminClient, AdminError } from "../src/admin.ts";

let asked: Request[];
let answer: () => Response | Promise<Response>;
beforeEach(() => {
  asked = [];
  answer = () => Response.json({ app: { id: "1" } });
});

async function send(request: Request): Promise<Response> {
  asked.push(request);
  return answer();
}

async function failure(call: Promise<unknown>): Promise<AdminError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (error instanceof AdminError) return error;
  throw new Error(`There was no AdminError, but ${error}`);
}

const admin = new AdminClient("https://ws.example.com/realtime/", { token: "sfy_1", send });
const one = { path: { appId: "1" } };

test("a request has the filled path, the query, the body and the token", async () => {
  const path = { appId: "1", channel: "private-a/b{c}$&" };
  await admin.call("GET /apps/{appId}/channels/{channel}/history", { path, query: { limit: 5 } });
  await admin.call("PATCH /apps/{appId}", { ...one, body: { name: "Shop" } });
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "GET https://ws.example.com/realtime/api/v1/apps/1/channels/private-a%2Fb%7Bc%7D%24%26/history?limit=5",
    "PATCH https://ws.example.com/realtime/api/v1/apps/1",
  ]);
  expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer sfy_1", "Bearer sfy_1"]);
  expect(asked.map(({ headers }) => headers.get("content-type"))).toEqual([null, "application/json"]);
  expect(await asked[1]?.json()).toEqual({ name: "Shop" });
});

test("a query omits undefined and empty values", async () => {
  await admin.call("GET /apps", { query: { search: "", cursor: undefined, limit: 0 } });
  expect(asked[0]?.url).toEndWith("/api/v1/apps?limit=0");
  expect(admin.url("GET /audit/export", { query: { actor: "a b" } })).toBe(
    "https://ws.example.com/realtime/api/v1/audit/export?actor=a+b",
  );
});

test.each(["", ".", ".."])(
  "the value %p in a path is refused, because it would name another resource",
  async (appId) => {
    const error = await failure(admin.call("DELETE /apps/{appId}", { path: { appId } }));
    expect([error.code, error.message]).toEqual(["invalid_request", "appId must not be empty, . or .."]);
    expect(asked).toEqual([]);
  },
);

test("after GET /session, changes are sent with the CSRF token of the session, and reads without it", async () => {
  const page = new AdminClient("https://ws.example.com", { send });
  const csrf = async () => {
    await page.call("GET /apps/{appId}", one);
    await page.call("DELETE /apps/{appId}", one);
    return asked.splice(0).map(({ headers }) => headers.get("x-csrf-token"));
  };
  expect(await csrf()).toEqual([null, null]);
  for (const csrfToken of ["t1", "t2", null]) {
    answer = () => Response.json({ csrfToken });
    await page.call("GET /session");
    asked.length = 0;
    expect(await csrf()).toEqual([null, csrfToken]);
  }
  expect(asked.map(({ headers }) => headers.has("authorization"))).not.toContain(true);
});

test("a refusal of the server is an error with its code, status, sentence and documentation", async () => {
  const problem = {
    type: "about:blank",
    title: "App exists",
    status: 409,
    code: "app_exists",
    help: "docs/reference/errors.md#app_exists",
    detail: "There is an app with this id",
    issues: [{ path: "id", message: "taken" }],
  };
  const headers = { "content-type": "application/problem+json; charset=utf-8" };
  answer = () => new Response(JSON.stringify(problem), { status: 409, headers });
  const error = await failure(admin.call("POST /apps"));
  const { help, detail: message } = problem;
  expect(error).toMatchObject({ code: "app_exists", status: 409, message, help, problem });
});

test.each([
  [200, "text/html", "<html>a login page</html>"],
  [502, "text/html", "<html>Bad gateway</html>"],
  [200, "application/json", "{"],
  [500, "application/problem+json", "no JSON"],
])("an answer of another program (%d %s %p) is an error", async (status, type, text) => {
  answer = () => new Response(text, { status, headers: { "content-type": type } });
  const error = await failure(admin.call("GET /apps"));
  expect([error.code, error.status]).toEqual(["unexpected_answer", status]);
  expect(error.message).toContain(text);
});

test("no answer, and an answer that breaks off, are errors", async () => {
  const broken = new ReadableStream({ start: (stream) => stream.error(new Error("cut")) });
  const headers = { "content-type": "application/json" };
  for (const reply of [() => Promise.reject(new Error("cut")), () => new Response(broken, { headers })]) {
    answer = reply;
    const error = await failure(admin.call("GET /apps"));
    expect([error.code, error.status, error.message]).toEqual([
      "unreachable",
      0,
      "https://ws.example.com/realtime cannot be reached: cut",
    ]);
  }
});

test("an answer is undefined without a body, the Response for a stream, and parsed by the given function", async () => {
  answer = () => new Response(null, { status: 204 });
  expect(await admin.call("DELETE /apps/{appId}", one)).toBeUndefined();
  for (const type of ["text/event-stream", "application/x-ndjson; charset=utf-8"]) {
    answer = () => new Response("data", { headers: { "content-type": type } });
    const stream = await admin.call("GET /apps/{appId}/live", one);
    expect(await stream.text()).toBe("data");
  }
  answer = () => Response.json({ apps: [] });
  const exact = new AdminClient("http://localhost", { send, parse: (json) => ({ json }) });
  expect(await exact.call("GET /apps")).toEqual({ json: '{"apps":[]}' } as never);
});
