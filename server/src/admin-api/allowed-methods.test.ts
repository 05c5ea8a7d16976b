import { expect, test } from "bun:test";
import { type PeopleApiUnderTest, peopleApiForEachTest } from "../../test/support/people-api.ts";
import { problem } from "./contracts/common.ts";

let server: PeopleApiUnderTest;
peopleApiForEachTest((started) => {
  server = started;
});

function send(method: string, path: string): Promise<Response> | Response {
  return server.fetch(new Request(`${server.url}/api/v1${path}`, { method }));
}

test("a method that a path of the document does not have is 405, and the answer names the methods", async () => {
  const document = (await (await send("GET", "/openapi.json")).json()) as { paths: Record<string, object> };
  const paths = Object.entries(document.paths);
  expect(paths.length).toBeGreaterThan(40);
  for (const [path, operations] of [...paths, ["/openapi.json", { get: {} }] as const]) {
    const url = path.replaceAll(/\{\w+\}/g, "a%2Fb");
    const own = Object.keys(operations).map((method) => method.toUpperCase());
    // The methods that `/people/{personId}` has answer `/people/invitations` too.
    const alike = paths.filter(([other]) =>
      new RegExp(`^${other.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(url),
    );
    const answered = alike.flatMap(([, all]) => Object.keys(all)).map((method) => method.toUpperCase());
    for (const method of ["TRACE", "PUT", "OPTIONS", "GET", "POST", "PATCH", "DELETE"]) {
      if ([...own, ...answered].includes(method)) continue;
      const answer = await send(method, url);
      expect([method, path, answer.status]).toEqual([method, path, 405]);
      const allowed = answer.headers.get("allow")?.split(", ") ?? [];
      expect([path, allowed.toSorted()]).toEqual([
        path,
        [...own, ...(own.includes("GET") ? ["HEAD"] : [])].toSorted(),
      ]);
      const { code, help = "" } = problem.parse(await answer.json());
      expect([code, help]).toEqual(["method_not_allowed", expect.stringContaining("#method_not_allowed")]);
    }
  }
});

test("an unknown path is 404 with any method", async () => {
  for (const path of ["/nothing", "/apps/1/nothing", "/apps/", "/openapiXjson"])
    for (const method of ["GET", "TRACE"]) {
      const answer = await send(method, path);
      expect([method, path, answer.status, answer.headers.get("allow")]).toEqual([method, path, 404, null]);
    }
});
