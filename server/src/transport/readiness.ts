/** Whether this node should get new connections, and if not, why. Measured once a second, read at will. */
import { statSync } from "node:fs";

/** Memory that hovers around its mark must not turn a node unready and ready by the second. */
const memoryAgainShare = 0.95;

export interface Watermarks {
  readonly connectionsMax: number;
  /** Resident memory of the process; 0: no limit. Once above it, it is too much until it is 5 % less. */
  readonly memoryBytesMax: number;
  /** Open files; what lies above is for HTTP and the database. */
  readonly descriptorsMax: number;
}

export interface ReadinessNeeds {
  readonly connectionCount: () => number;
  /** What is wrong and no reason to send clients elsewhere. */
  readonly degradations: () => readonly string[];
  readonly measure?: () => ProcessUse;
}

export interface ProcessUse {
  readonly memoryBytes: number;
  /** 0 where the system does not tell. */
  readonly descriptors: number;
}

export class Readiness {
  readonly #watermarks: Watermarks;
  readonly #needs: ReadinessNeeds;
  readonly #measure: () => ProcessUse;
  #isListening = false;
  #isDraining = false;
  #use: ProcessUse = { memoryBytes: 0, descriptors: 0 };
  #connectionsAtLook = 0;
  #isOverMemory = false;

  constructor(watermarks: Watermarks, needs: ReadinessNeeds) {
    this.#watermarks = watermarks;
    this.#needs = needs;
    this.#measure = needs.measure ?? measureProcess;
  }

  listening(): void {
    this.#isListening = true;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  draining(): void {
    this.#isDraining = true;
  }

  /** Once a second: what a process uses is not free to ask for. */
  look(): void {
    try {
      this.#use = this.#measure();
    } catch {
      // Memory is read from a file, and there is none left to open.
      this.#use = { ...this.#use, descriptors: Number.POSITIVE_INFINITY };
    }
    this.#connectionsAtLook = this.#needs.connectionCount();
    const { memoryBytesMax } = this.#watermarks;
    const mark = this.#isOverMemory ? this.#memoryBytesAgain : memoryBytesMax;
    this.#isOverMemory = memoryBytesMax > 0 && this.#use.memoryBytes > mark;
  }

  /** The sentence with which each handshake is refused, or null: a node that is full serves those who are there. */
  get overload(): string | null {
    const { connectionsMax } = this.#watermarks;
    if (this.#needs.connectionCount() >= connectionsMax)
      return `The server has its maximum of ${connectionsMax} connections: try again later`;
    if (this.#isOverMemory) return "The server uses more memory than it may: try again later";
    return this.#isOverDescriptors ? "The server has too many open files: try again later" : null;
  }

  /** A node whose connections are all taken stays ready: its HTTP API works as ever. */
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

  /** A storm opens thousands between two looks, so those who came since are counted. */
  get #isOverDescriptors(): boolean {
    const opened = this.#needs.connectionCount() - this.#connectionsAtLook;
    return this.#use.descriptors + opened > this.#watermarks.descriptorsMax;
  }
}

function measureProcess(): ProcessUse {
  // Linux 6.2 and later say how many files are open as the size of this folder; before that it is 0.
  const descriptors = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
  return { memoryBytes: process.memoryUsage.rss(), descriptors };
}
