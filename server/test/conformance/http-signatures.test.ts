/**
 * Signed requests: the variants of all SDKs are accepted, unsigned ones are refused, and the 401 contains the reason.
 */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type Answer, type RequestParts, request, sign, signedPath } from "../support/net/http-request.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

function get(parts: Partial<RequestParts> = {}): Promise<Answer> {
  return stage.api({ method: "GET", path: "/channels", ...parts });
}

/** Sends the query exactly as written, with a signature of the given text. */
function getSigned(path: string, sentQuery: string, signedText: string): Promise<Answer> {
  const { app, httpUrl } = stage.server;
  return request(`${httpUrl}${path}?${sentQuery}&auth_signature=${sign(app.secret, signedText)}`);
}

function authQuery(): string {
  return `auth_key=${stage.server.app.key}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0`;
}

test("each error of a signature is answered with 401 and its own text", async () => {
  const missing = async (signing: Record<string, string | null>) => {
    const answer = await get({ signing });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    return answer.text;
  };
  expect(await missing({ auth_key: null })).toBe("Missing parameter: auth_key\n");
  expect(await missing({ auth_key: "feed" })).toContain("Unknown auth_key");
  expect(await missing({ auth_version: null })).toBe("Version required\n");
  expect(await missing({ auth_version: "2.0" })).toBe("Version not supported\n");
  expect(await missing({ auth_timestamp: null })).toBe("Timestamp required\n");
  expect(await missing({ auth_signature: "feed" })).toMatch(
    /^Invalid signature: you should have sent HmacSHA256Hex\("GET\\n\/apps\/.*", your_secret_key\), but you sent "feed"\n$/,
  );
  expect((await get({ signing: { auth_signature: null } })).status).toBe(401);
});

test("a clock ten minutes off gets an error about it, in both directions", async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const timestampS of [now - 601, now + 601]) {
    const answer = await get({ timestampS });
    expect(answer.status).toBe(401);
    expect(answer.text).toMatch(
      /^Timestamp expired: Given timestamp \(\d{4}-.*\) not within 600s of server time \(\d{4}-.*\)\n$/,
    );
  }
  for (const timestampS of [now - 590, now + 590]) expect((await get({ timestampS })).status).toBe(200);
  for (const bad of ["", "soon", "1e9", "NaN", "-1"]) {
    expect((await get({ signing: { auth_timestamp: bad } })).status).toBe(401);
  }
});

test("values may be sent raw or percent-encoded, and are signed unchanged", async () => {
  const { app } = stage.server;
  const path = `/apps/${app.id}/channels`;
  const auth = authQuery();
  const decoded = `GET\n${path}\n${auth}&filter_by_prefix=presence-&info=user_count,subscription_count`;
  const raw = `${auth}&filter_by_prefix=presence-&info=user_count,subscription_count`;
  const encoded = `${auth}&filter_by_prefix=presence-&info=user_count%2Csubscription_count`;
  await stage.changeApp({ settings: { subscriptionCountEnabled: true } });
  expect((await getSigned(path, raw, decoded)).status).toBe(200);
  expect((await getSigned(path, encoded, decoded)).status).toBe(200);
});

test("body_md5 on a GET is checked, too: Python sends that of an empty body", async () => {
  const empty = createHash("md5").update("").digest("hex");
  expect((await get({ query: { body_md5: empty } })).status).toBe(200);
  const other = createHash("md5").update("{}").digest("hex");
  expect((await get({ query: { body_md5: other } })).status).toBe(401);
});

test("a body with a wrong or missing signature is refused before it is parsed as JSON", async () => {
  const { app, httpUrl } = stage.server;
  const path = `/apps/${app.id}/events`;
  const body = '{"name":"e","channel":"c","data":""}';
  const signed = httpUrl + signedPath(app, { method: "POST", path, body });
  expect((await request(signed, { method: "POST", body })).status).toBe(200);
  expect((await request(signed, { method: "POST", body: `${body} ` })).status).toBe(401);
  const unsigned = httpUrl + signedPath(app, { method: "POST", path });
  expect((await request(unsigned, { method: "POST", body })).status).toBe(401);
  expect((await request(unsigned, { method: "POST", body: "{not json" })).status).toBe(401);
});

test("a repeated query key is refused", async () => {
  const { app } = stage.server;
  const path = `/apps/${app.id}/channels`;
  const auth = authQuery();
  for (const twice of ["info=user_count&info=user_count", "filter_by_prefix=a&Filter_By_Prefix=b"]) {
    const text = `GET\n${path}\n${auth}&${twice.toLowerCase()}`;
    const answer = await getSigned(path, `${auth}&${twice}`, text);
    expect([400, 401]).toContain(answer.status);
  }
});

test("a request that is signed for one method, path or app is invalid for another", async () => {
  const { app, httpUrl } = stage.server;
  const path = `/apps/${app.id}/channels`;
  const forGet = signedPath(app, { method: "GET", path });
  expect((await request(httpUrl + forGet, { method: "POST" })).status).not.toBe(200);
  expect((await request(httpUrl + forGet.replace("/channels", "/connections"))).status).toBe(401);
  expect(
    (await request(httpUrl + signedPath(app, { method: "GET", path: "/apps/1/channels" }))).status,
  ).not.toBe(200);
});

test("the package of a backend with a wrong secret gets a 401", async () => {
  const refused = stage.backend("wrong").trigger("c", "e", {});
  expect(
    await refused.then(
      () => null,
      (error: { status: number }) => error.status,
    ),
  ).toBe(401);
});

test("a disabled app is refused with 403", async () => {
  await stage.changeApp({ isEnabled: false });
  expect((await get()).status).toBe(403);
});

test("Python's path for terminating a user, without the app, is accepted", async () => {
  const { app, httpUrl } = stage.server;
  const client = await stage.raw();
  client.send({
    event: "pusher:signin",
    data: stage.backend().authenticateUser(client.socketId, { id: "py" }),
  });
  await client.expect("pusher:signin_success");
  const parts = { method: "POST", path: "/users/py/terminate_connections", body: "{}" };
  const answer = await request(httpUrl + signedPath(app, parts), { method: "POST", body: "{}" });
  expect([answer.status, answer.text]).toEqual([200, "{}"]);
  expect((await client.waitForClose()).code).toBe(4009);
});
