/** Laravel Echo over pusher-js, as a Laravel front end uses it. */
import { expect, test } from "bun:test";
import { Mailbox } from "../support/mailbox.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

test("a public channel delivers Laravel events under their short names", async () => {
  const received = new Mailbox<unknown>();
  const channel = stage.echo().channel("orders");
  channel.subscribed(() => received.push("subscribed"));
  channel.listen("OrderShipped", (data: unknown) => received.push(data));
  expect(await received.next("the subscription")).toBe("subscribed");
  await stage.backend().trigger("orders", "App\\Events\\OrderShipped", { id: 5 });
  expect(await received.next("the event")).toEqual({ id: 5 });
});

test("a private channel's whisper reaches the others", async () => {
  const ready = new Mailbox<string>();
  const received = new Mailbox<unknown>();
  const first = stage.echo().private("desk");
  first.subscribed(() => ready.push("first"));
  first.listenForWhisper("typing", (data: unknown) => received.push(data));
  const second = stage.echo().private("desk");
  second.subscribed(() => ready.push("second"));
  await ready.next("one subscription");
  await ready.next("the other subscription");
  second.whisper("typing", { name: "ada" });
  expect(await received.next("the whisper")).toEqual({ name: "ada" });
});

test("join reports the current members, and then arrivals and departures", async () => {
  const received = new Mailbox<{ what: string; who: unknown }>();
  const ada = stage.echo({ userId: "ada" });
  ada
    .join("hall")
    .here((members: unknown) => received.push({ what: "here", who: members }))
    .joining((member: unknown) => received.push({ what: "joining", who: member }))
    .leaving((member: unknown) => received.push({ what: "leaving", who: member }));
  expect(await received.next("here")).toEqual({ what: "here", who: [{ name: "The one called ada" }] });
  const bo = stage.echo({ userId: "bo" });
  bo.join("hall");
  expect(await received.next("joining")).toEqual({ what: "joining", who: { name: "The one called bo" } });
  bo.leave("hall");
  expect(await received.next("leaving")).toEqual({ what: "leaving", who: { name: "The one called bo" } });
});

test("an encrypted private channel is decrypted", async () => {
  const ready = new Mailbox<unknown>();
  const channel = stage.echo().encryptedPrivate("vault");
  channel.subscribed(() => ready.push("subscribed"));
  channel.listen(".opened", (data: unknown) => ready.push(data));
  await ready.next("the subscription");
  await stage.backend().trigger("private-encrypted-vault", "opened", { by: "ada" });
  expect(await ready.next("the event")).toEqual({ by: "ada" });
});

test("a refused private channel calls error", async () => {
  const errors = new Mailbox<unknown>();
  stage
    .echo({ userId: "nobody" })
    .private("closed")
    .error((error: unknown) => errors.push(error));
  expect(await errors.next("the error")).toMatchObject({ type: "AuthError", status: 403 });
});

test("a refusal by the server itself calls error too", async () => {
  const errors = new Mailbox<unknown>();
  stage
    .echo({ userId: "impostor" })
    .private("closed")
    .error((error: unknown) => errors.push(error));
  expect(await errors.next("the error")).toMatchObject({ type: "AuthError", status: 401 });
});
