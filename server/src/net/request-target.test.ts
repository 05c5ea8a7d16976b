import { expect, test } from "bun:test";
import { targetOf, targetProblem, withWholeUrl } from "./request-target.ts";

test.each([
  ["http://h/health/live", "/health/live", ""],
  ["http://h/x/y/metrics", "/x/y/metrics", ""],
  ["https://h:6001/app/k?protocol=7&a=/b", "/app/k", "protocol=7&a=/b"],
  ["http://[::1]:6001/a", "/a", ""],
  ["http://h", "/", ""],
  ["http://h/", "/", ""],
  ["http://h//a", "//a", ""],
  ["http://h/a%2Fb", "/a%2Fb", ""],
  ["http://h/a?b?c", "/a", "b?c"],
  ["http://h/a#b?c", "/a", ""],
  ["/health/live", "/health/live", ""],
  ["/x/y/metrics?a=http://h/", "/x/y/metrics", "a=http://h/"],
  ["//x/y", "//x/y", ""],
])("%s has the path %s and the query %p", (url, path, query) => {
  expect(targetOf(url)).toEqual({ path, query });
});

/** A request as the runtime creates it: without a valid host the URL is only the path. */
function received(url: string, host: string | null): Request {
  const request = new Request("http://placeholder/", { headers: host === null ? {} : { host } });
  Object.defineProperty(request, "url", { value: url });
  return request;
}

test.each(["h", "h:6001", "ws.example.com", "my_service:80", "127.0.0.1:6001", "[::1]", "[2001:db8::1]:443"])(
  "the Host %s is valid",
  (host) => {
    expect(targetProblem(received(`http://${host}/a`, host))).toBeNull();
  },
);

test.each(["a b", "a, b", "h/metrics?", "user@h", "http://h", "h:port", "h:123456", "[::1", "ä", "a\\b"])(
  "the Host %p is invalid, for any URL that the runtime derives from it",
  (host) => {
    expect(targetProblem(received("http://h/a", host))).toStartWith(
      "The Host header must be one name or address",
    );
    expect(targetProblem(received("/a", host))).toStartWith("The Host header must be one name or address");
  },
);

test("a Host that the runtime could not parse is refused even if it looks valid", () => {
  expect(targetProblem(received("/a", "1.2.3.999"))).toStartWith("The Host header must be");
});

test("a request with no Host or an empty one is valid, and gets an absolute URL", () => {
  for (const host of [null, ""]) {
    const request = received("/a?b=c", host);
    expect(targetProblem(request)).toBeNull();
    expect(withWholeUrl(request).url).toBe("http://localhost/a?b=c");
  }
  const whole = received("http://h/a", "h");
  expect(withWholeUrl(whole)).toBe(whole);
});

test("a request line without a path is refused", () => {
  expect(targetProblem(received("example.com:443", "example.com"))).not.toBeNull();
});
