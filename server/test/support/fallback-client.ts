/** A light client without WebSocket: it polls or streams like pusher-js, and returns the exact responses. */
import { randomBytes } from "node:crypto";
import { WireClient } from "./wire-client.ts";

export type FallbackTransport = "xhr_streaming" | "xhr_polling";

const cutOff = { code: 1006, reason: "" };

export class FallbackClient extends WireClient {
  readonly #url: (kind: string) => string;
  readonly #kind: string;
  readonly #headers: Headers;
  readonly #abort = new AbortController();
  /** Requests wait for each other, so that a balancer cannot change their order. */
  #sent: Promise<unknown> = Promise.resolve();
  /** The messages of the next request: all that were sent while it waited. */
  #waiting: string[] = [];

  private constructor(webSocketUrl: string, transport: FallbackTransport, headers: readonly string[]) {
    super();
    const url = new URL(webSocketUrl.replace(/^ws/, "http"));
    url.pathname = `${url.pathname.replace("/app/", "/pusher/app/")}/7/${randomBytes(8).toString("hex")}`;
    this.#url = (kind) => `${url.origin}${url.pathname}/${kind}${url.search}`;
    this.#kind = transport === "xhr_streaming" ? "xhr_streaming" : "xhr";
    this.#headers = new Headers(headers.map((line): [string, string] => splitHeader(line)));
  }

  /** Opens and takes the hello. @param headers lines such as `Origin: https://example.com` */
  static async connect(
    webSocketUrl: string,
    transport: FallbackTransport,
    headers: readonly string[] = [],
  ): Promise<FallbackClient> {
    const client = new FallbackClient(webSocketUrl, transport, headers);
    void client.#receive().then((closed) => client.end(closed));
    await client.takeHello();
    return client;
  }

  override send(message: object | string): void {
    this.#waiting.push(typeof message === "string" ? message : JSON.stringify(message));
    if (this.#waiting.length === 1) this.#post(() => this.#waiting.splice(0));
  }

  override [Symbol.dispose](): void {
    this.#abort.abort();
  }

  #post(take: () => readonly string[]): void {
    const ask = () => this.#ask("xhr_send", JSON.stringify(take()));
    this.#sent = this.#sent.then(ask).catch(() => undefined);
  }

  #ask(kind: string, body: string | null): Promise<Response> {
    const { signal } = this.#abort;
    return fetch(this.#url(kind), { method: "POST", headers: this.#headers, body, signal });
  }

  async #receive(): Promise<{ code: number; reason: string }> {
    try {
      for (;;) {
        const answer = await this.#ask(this.#kind, null);
        if (answer.status !== 200) return { ...cutOff, reason: await answer.text() };
        const closed = await this.#read(answer);
        if (closed !== null) return closed;
      }
    } catch {
      return cutOff;
    }
  }

  async #read(answer: Response): Promise<{ code: number; reason: string } | null> {
    const decoder = new TextDecoder();
    let text = "";
    let characters = 0;
    for await (const chunk of answer.body ?? []) {
      const more = decoder.decode(chunk, { stream: true });
      characters += more.length;
      const lines = (text + more).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const closed = this.#take(line);
        if (closed !== null) return closed;
      }
      // pusher-js opens a new answer here, and so does this client by leaving this one.
      if (characters > 262_144 && text === "") return null;
    }
    return null;
  }

  #take(line: string): { code: number; reason: string } | null {
    if (line.startsWith("a")) for (const one of JSON.parse(line.slice(1)) as string[]) this.texts.push(one);
    if (line === "h" && this.#kind === "xhr_streaming") this.#post(() => []);
    if (!line.startsWith("c")) return null;
    const [code, reason] = JSON.parse(line.slice(1)) as [number, string];
    return { code, reason };
  }
}

function splitHeader(line: string): [string, string] {
  const [name = "", ...value] = line.split(": ");
  return [name, value.join(": ")];
}
