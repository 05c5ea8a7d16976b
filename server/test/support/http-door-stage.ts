/** The HTTP door in this process, with clients that stream or poll. */
import { expect } from "bun:test";
import { ByteBudget } from "../../src/core/limits/byte-budget.ts";
import { ClientAddresses } from "../../src/net/client-address.ts";
import { AddressLimits } from "../../src/transport/address-limits.ts";
import { HandshakeGuard } from "../../src/transport/handshake-guard.ts";
import { HttpDoor } from "../../src/transport/http-door.ts";
import type { SessionPeers } from "../../src/transport/session-forward.ts";
import { SessionTopics } from "../../src/transport/session-topics.ts";
import { nobody } from "./net/from-nowhere.ts";
import { credentials, signed, startProtocol } from "./protocol-stage.ts";

export const messageBytesMax = 1_024;
const backpressureBytesMax = 400_000;
const page = "https://page.example";

interface Options {
  readonly sessionsMax?: number;
  readonly unsentBytesMax?: number;
  readonly connectionsPerIpMax?: number;
  readonly peers?: SessionPeers;
}

export function openHttpDoor({
  sessionsMax = 100,
  unsentBytesMax = 1_000_000,
  connectionsPerIpMax = 0,
  peers,
}: Options = {}) {
  let topics: SessionTopics | null = null;
  const stage = startProtocol({ settings: { clientEventsEnabled: true } }, (native) => {
    topics = new SessionTopics(native);
    return topics;
  });
  if (topics === null) throw new Error("The stage asks for topics");
  const { stack, clock, activity } = stage;
  const unsent = new ByteBudget({ perApp: unsentBytesMax, inAll: unsentBytesMax });
  const bodies = new ByteBudget({ perApp: 100_000, inAll: 100_000 });
  const handshakeGuard = new HandshakeGuard(
    stack.open,
    { overload: () => null, onTooMany: () => undefined },
    new ClientAddresses([]),
    new AddressLimits(clock, {
      connectionsMax: connectionsPerIpMax,
      isShared: () => false,
      handshakesPerSecondMax: 0,
    }),
  );
  const door = new HttpDoor(stack, handshakeGuard, activity, {
    pathPrefix: "",
    messageBytesMax,
    backpressureBytesMax,
    sessionsMax,
    heartbeatMs: 20_000,
    clock,
    topics,
    unsent,
    bodies,
    peers: peers ?? null,
    onBug: (error: unknown) => void stage.bugs.push(error),
  });
  const request = (path: string, init: RequestInit = {}) =>
    door.answer(
      new Request(`http://host/pusher/app/${path}`, { method: "POST", headers: { origin: page }, ...init }),
      { requestIP: () => ({ address: "192.0.2.7" }) },
    );
  const tick = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      door.tick();
    }
  };
  return {
    ...stage,
    door,
    request,
    tick,
    unsent,
    bodies,
    client: (id = "abcdefgh") => new HttpClient(request, id),
  };
}

type Ask = ReturnType<typeof openHttpDoor>["request"];

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

export class HttpClient {
  readonly #ask: Ask;
  readonly #path: string;
  #reader: Reader | null = null;

  constructor(ask: Ask, id: string, key = credentials.key) {
    this.#ask = ask;
    this.#path = `${key}/7/${id}`;
  }

  async ask(
    kind: "xhr" | "xhr_streaming",
    query = "?protocol=7&client=js&version=8.6.0&t=1&n=1",
  ): Promise<number> {
    const { status, body } = await this.#ask(`${this.#path}/${kind}${query}`);
    this.#reader = body?.getReader() ?? null;
    return status;
  }

  /** The lines of the next text of the latest answer; null at its end. */
  async lines(reader = this.#reader): Promise<string[] | null> {
    const chunk = await reader?.read();
    return chunk?.value === undefined ? null : new TextDecoder().decode(chunk.value).trimEnd().split("\n");
  }

  get reader() {
    return this.#reader;
  }

  /** The lines of one complete poll. */
  async poll(): Promise<string[]> {
    await this.ask("xhr");
    const lines = (await this.lines()) ?? [];
    expect(await this.lines()).toBeNull();
    return lines;
  }

  async stream(): Promise<string[]> {
    await this.ask("xhr_streaming");
    return (await this.lines()) ?? [];
  }

  leave(): Promise<void> | undefined {
    return this.#reader?.cancel();
  }

  post(body: NonNullable<RequestInit["body"]>, init: RequestInit = {}): Promise<Response> {
    return this.#ask(`${this.#path}/xhr_send?t=1&n=2`, { body, ...init });
  }

  send(...messages: object[]): Promise<Response> {
    return this.post(JSON.stringify(messages.map((message) => JSON.stringify(message))));
  }
}

export function eventsOf(line: string | undefined): { event: string; channel?: string; data: unknown }[] {
  expect(line?.[0]).toBe("a");
  return JSON.parse(line?.slice(1) ?? "").map((frame: string) => JSON.parse(frame));
}

/** Lets all work run that does not wait for anything. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
export const subscribe = (channel: string) => ({ event: "pusher:subscribe", data: { channel } });
export const privateSubscription = (socketId: string, channel: string) => ({
  event: "pusher:subscribe",
  data: { channel, auth: signed(`${socketId}:${channel}`) },
});
export const whisper = (channel: string, data: unknown) => ({ event: "client-x", channel, data });

export function publishTo(
  { stack, app }: ReturnType<typeof openHttpDoor>,
  data: string,
  channels = ["news"],
) {
  return stack.publish.send(app(), { name: "e", data, channels, exceptSocketId: null }, nobody);
}
