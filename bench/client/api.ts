/** The HTTP API of a target, one request at a time. */
import type { Target } from "../target/target.ts";
import { type Answer, HttpLine } from "./http-line.ts";
import { eventBody } from "./publisher.ts";
import { signedRequest } from "./signature.ts";
import { nowMicros, stampedPayload } from "./stamp.ts";

export class Api {
  readonly #target: Target;
  readonly #line: HttpLine;

  private constructor(target: Target, line: HttpLine) {
    this.#target = target;
    this.#line = line;
  }

  static async connect(target: Target): Promise<Api> {
    return new Api(target, await HttpLine.connect(target.port));
  }

  /** `timestampS`: Unix seconds of the publisher's clock. */
  publish(channel: string, sequence: number, payloadBytes = 200, timestampS?: number): Promise<Answer> {
    const body = eventBody(channel, stampedPayload(payloadBytes, sequence, nowMicros()));
    return this.#line.send(signedRequest(this.#target.app, "POST", "/events", body, timestampS));
  }

  /** The names of occupied channels. */
  async channels(): Promise<string[]> {
    return Object.keys((await this.#get("/channels")).channels);
  }

  async subscriptionCount(channel: string): Promise<number> {
    const { subscription_count: count } = await this.#get(`/channels/${channel}?info=subscription_count`);
    return count;
  }

  async connectionCount(): Promise<number> {
    return (await this.#get("/connections")).connections;
  }

  close(): void {
    this.#line.close();
  }

  async #get(path: string) {
    const { status, body } = await this.#line.send(signedRequest(this.#target.app, "GET", path));
    if (status !== 200) throw new Error(`GET ${path} returned ${status}: ${body}`);
    return JSON.parse(body);
  }
}
