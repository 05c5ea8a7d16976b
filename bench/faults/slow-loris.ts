/** Many connections send a byte per second, or nothing. The server must close each after a time, and other clients must not be affected. */
import type { Socket } from "bun";
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { inParallel } from "../client/crowd.ts";
import { Histogram } from "../client/histogram.ts";
import { LightClient } from "../client/light-client.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { each: 30, limitS: 30 },
  short: { each: 1000, limitS: 75 },
  long: { each: 2500, limitS: 75 },
} satisfies Record<Extent, unknown>;

const heartbeatMs = 5000;
const publishEveryMs = 50;

interface Kind {
  readonly name: string;
  /** Sent when the connection opens. */
  readonly first: string;
  /** Whether a byte per second follows. */
  readonly drips: boolean;
}

export const slowLoris: Fault = {
  title:
    "connections that send a byte per second or nothing are closed, over HTTP and WebSocket, and other clients are served",
  async run(extent) {
    const { each, limitS } = sizes[extent];
    const target = await startSoketify({
      ...Admin.environment,
      SOKETIFY_HEARTBEAT_INTERVAL_MS: String(heartbeatMs),
    });
    const admin = new Admin(target);
    const api = await Api.connect(target);
    let received = 0;
    let closed = 0;
    const neighbour = await LightClient.connect(
      { port: target.port, key: target.app.key },
      { onEvent: () => (received += 1), onClose: () => (closed += 1) },
    );
    await neighbour.subscribe("loris");
    const began = performance.now();
    const secondsSince = (): number => (performance.now() - began) / 1000;
    // A request body may take 30 s, which is too long for the quick form.
    const kinds = kindsFor(target).filter(
      ({ name }) => extent !== "quick" || name !== "body, a byte per second",
    );
    const slowConnections = new SlowConnections(target, kinds, began);
    try {
      const opening = slowConnections.open(each * kinds.length);
      const latency = new Histogram();
      let accepted = 0;
      let files = 0;
      let isOpen = true;
      void opening.finally(() => (isOpen = false));
      while ((isOpen || slowConnections.count > 0) && secondsSince() < limitS) {
        const asked = performance.now();
        if ((await api.publish("loris", accepted)).status === 200) accepted += 1;
        latency.record((performance.now() - asked) * 1000);
        if (accepted % 20 === 0) files = Math.max(files, await admin.metric("process_open_fds"));
        await Bun.sleep(publishEveryMs);
      }
      await opening;
      const left = slowConnections.count;
      await until("the neighbour has every event", () => received >= accepted);
      const filesAfter = await admin.metric("process_open_fds");
      return {
        figures: {
          "connections of each kind": each,
          ...Object.fromEntries(
            [...slowConnections.droppedS].map(([name, at]) => [`seconds until the last: ${name}`, at]),
          ),
          "open files at the peak": files,
          "open files afterwards": filesAfter,
          "p99 ms of a publish during this": latency.quantile(0.99) / 1000,
        },
        problems: failures({
          [`every slow connection is closed within ${limitS} s, but ${left} are not`]: left === 0,
          "every event of the neighbour arrives": received === accepted && accepted > 0,
          "the neighbour is not closed": closed === 0,
          "the files of slow connections are closed": filesAfter < files || files < each,
        }),
      };
    } finally {
      slowConnections.end();
      api.close();
      neighbour.cut();
      await target.stop();
    }
  },
};

class SlowConnections {
  /** Seconds until the last connection of each kind was dropped. */
  readonly droppedS = new Map<string, number>();
  readonly #target: Target;
  readonly #kinds: readonly Kind[];
  readonly #began: number;
  readonly #open = new Set<Socket>();
  readonly #dripping = new Set<Socket>();
  readonly #timer = setInterval(() => {
    for (const socket of this.#dripping) socket.write("x");
  }, 1000);

  constructor(target: Target, kinds: readonly Kind[], began: number) {
    this.#target = target;
    this.#kinds = kinds;
    this.#began = began;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Opens `count` connections, of each kind in turn. */
  async open(count: number): Promise<void> {
    await inParallel(count, async (index) => {
      const kind = this.#kinds[index % this.#kinds.length];
      if (kind === undefined) return;
      await Bun.connect({
        hostname: "127.0.0.1",
        port: this.#target.port,
        socket: {
          open: (socket) => {
            this.#open.add(socket);
            if (kind.first !== "") socket.write(Buffer.from(kind.first, "latin1"));
            if (kind.drips) this.#dripping.add(socket);
          },
          data: () => undefined,
          close: (socket) => {
            this.#open.delete(socket);
            this.#dripping.delete(socket);
            this.droppedS.set(kind.name, (performance.now() - this.#began) / 1000);
          },
        },
      });
    });
  }

  end(): void {
    clearInterval(this.#timer);
    for (const socket of this.#open) socket.terminate();
  }
}

function kindsFor({ app }: Target): Kind[] {
  const head = `GET /app/${app.key}?protocol=7 HTTP/1.1\r\nHost: loris\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;
  return [
    { name: "nothing", first: "", drips: false },
    { name: "request, a byte per second", first: "GET /health/live HTTP/1.1\r\nX-Slow: ", drips: true },
    {
      name: "body, a byte per second",
      first: `POST /apps/${app.id}/events HTTP/1.1\r\nHost: loris\r\nContent-Length: 9000\r\n\r\n`,
      drips: true,
    },
    { name: "handshake, a byte per second", first: `${head}X-Slow: `, drips: true },
    { name: "frame, a byte per second", first: `${head}\r\n\x81\xfe\x0f\x00mask`, drips: true },
    { name: "WebSocket, then nothing", first: `${head}\r\n`, drips: false },
  ];
}

if (import.meta.main) await runAsProgram(slowLoris);
