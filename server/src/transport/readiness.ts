/** Whether this node should get new connections, and if not, why. Measured once per second; reading it is cheap. */
import { statSync } from "node:fs";

/** The node is ready again below this share of the limit, so that memory near the limit does not change the state each second. */
const memoryAgainShare = 0.95;

export interface Watermarks {
  readonly connectionsMax: number;
  /** Resident memory of the process; 0: no limit. Once exceeded, it counts as exceeded until memory is 5 % lower. */
  readonly memoryBytesMax: number;
  /** Open files. The files above this limit are reserved for HTTP and the database. */
  readonly descriptorsMax: number;
}

export interface ReadinessNeeds {
  readonly connectionCount: () => number;
  /** Problems that do not make the node unready. */
  readonly degradations: () => readonly string[];
  readonly measure?: () => ProcessUse;
}

export interface ProcessUse {
  readonly memoryBytes: number;
  /** 0 if the system does not report it. */
  readonly descriptors: number;
}

export class Readiness {
  readonly #watermarks: Watermarks;
  readonly #needs: ReadinessNeeds;
  readonly #measure: () => ProcessUse;
  #isListening = false;
  #isDraining = false;
  #use: ProcessUse = { memoryBytes: 0, descriptors: 0 };
  #connectionsAtUpdate = 0;
  #isOverMemory = false;

  constructor(watermarks: Watermarks, needs: ReadinessNeeds) {
    this.#watermarks = watermarks;
    this.#needs = needs;
    this.#measure = needs.measure ?? measureProcess;
  }

  listening(): void {
    this.#isListening = true;
  }

  /** As last measured. */
  get use(): ProcessUse {
    return this.#use;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  draining(): void {
    this.#isDraining = true;
  }

  /** Call it once per second: reading the usage of a process costs time. */
  update(): void {
    try {
      this.#use = this.#measure();
    } catch {
      // Memory is read from a file, which cannot be opened if no descriptor is left.
      this.#use = { ...this.#use, descriptors: Number.POSITIVE_INFINITY };
    }
    this.#connectionsAtUpdate = this.#needs.connectionCount();
    const { memoryBytesMax } = this.#watermarks;
    const mark = this.#isOverMemory ? this.#memoryBytesAgain : memoryBytesMax;
    this.#isOverMemory = memoryBytesMax > 0 && this.#use.memoryBytes > mark;
  }

  /** The error message for every new handshake; null if the node accepts them. A full node still serves its connections. */
  get overload(): string | null {
    const { connectionsMax } = this.#watermarks;
    if (this.#needs.connectionCount() >= connectionsMax)
      return `The server has its maximum of ${connectionsMax} connections: try again later`;
    if (this.#isOverMemory) return "The server is above its memory limit: try again later";
    return this.#isOverDescriptors ? "The server has too many open files: try again later" : null;
  }

  /** A node with its maximum of connections stays ready, because its HTTP API still works. */
  problems(): string[] {
    const { memoryBytesMax, descriptorsMax } = this.#watermarks;
    const own = [
      this.#isListening ? null : "not listening yet",
      this.#isDraining ? "draining" : null,
      this.#isOverMemory
        ? `memory above ${memoryBytesMax} bytes: ready again at ${this.#memoryBytesAgain}`
        : null,
      this.#isOverDescriptors ? `more than ${descriptorsMax} open files` : null,
    ];
    return own.filter((problem) => problem !== null);
  }

  degradations(): readonly string[] {
    return this.#needs.degradations();
  }

  get #memoryBytesAgain(): number {
    return Math.floor(this.#watermarks.memoryBytesMax * memoryAgainShare);
  }

  /** Thousands of connections may open between two measurements, so those opened since are added. */
  get #isOverDescriptors(): boolean {
    const opened = this.#needs.connectionCount() - this.#connectionsAtUpdate;
    return this.#use.descriptors + opened > this.#watermarks.descriptorsMax;
  }
}

function measureProcess(): ProcessUse {
  // Since Linux 6.2 the size of this folder is the number of open files; before that it is 0.
  const descriptors = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
  return { memoryBytes: process.memoryUsage.rss(), descriptors };
}
