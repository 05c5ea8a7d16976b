/** A healthy client beside the tested ones: it must keep its connection and receive every event. */
import { expect } from "bun:test";
import { request } from "./net/http-request.ts";
import type { RawClient } from "./net/raw-client.ts";
import type { TestServer } from "./use-server.ts";

const channel = "neighbour";

export class Neighbour {
  readonly #stage: TestServer;
  readonly #client: RawClient;
  readonly #pid: number;
  #count = 0;

  private constructor(stage: TestServer, client: RawClient) {
    this.#stage = stage;
    this.#client = client;
    this.#pid = stage.server.servingPid;
  }

  static async moveIn(stage: TestServer): Promise<Neighbour> {
    const client = await stage.webSocket();
    await client.subscribe(channel);
    return new Neighbour(stage, client);
  }

  /** Publishes an event and checks that it arrives on the same connection, from the same process. */
  async isWell(): Promise<void> {
    const n = ++this.#count;
    await this.#stage.backend().trigger(channel, "alive", n);
    expect(await this.#client.next()).toEqual({ event: "alive", channel, data: String(n) });
    expect(this.#stage.server.isRunning).toBe(true);
    expect(this.#stage.server.servingPid).toBe(this.#pid);
    expect((await request(`${this.#stage.server.httpUrl}/health/live`)).status).toBe(200);
  }

  /** Checks that the server logged no unexpected error, which would have a stack. */
  expectNoSurprise(): void {
    const surprises = this.#stage.server.log
      .split("\n")
      .filter((line) => /"level":(?:"error"|50|60)|ERROR|FATAL/.test(line));
    expect(surprises).toEqual([]);
  }
}
