/** Whether this node should get new connections, and if not, why. Looked at once a second, read at will. */
export class Readiness {
  readonly #degradations: () => readonly string[];
  readonly #memoryBytesMax: number;
  #isListening = false;
  #isDraining = false;
  #isOverMemory = false;

  /** 0 bytes: no limit. `degradations` says what is wrong and no reason to send clients elsewhere. */
  constructor(memoryBytesMax: number, degradations: () => readonly string[]) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#degradations = degradations;
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

  /** Once a second: the memory of a process is not free to ask for. */
  look(): void {
    this.#isOverMemory = this.#memoryBytesMax > 0 && process.memoryUsage.rss() > this.#memoryBytesMax;
  }

  /** For the door: a node that is full or that uses too much memory serves those who are there. */
  get memoryProblem(): string | null {
    return this.#isOverMemory ? "The server uses more memory than it may: try again later" : null;
  }

  problems(): string[] {
    const own = [
      this.#isListening ? null : "not listening yet",
      this.#isDraining ? "draining" : null,
      this.#isOverMemory ? `memory above ${this.#memoryBytesMax} bytes` : null,
    ];
    return own.filter((problem) => problem !== null);
  }

  degradations(): readonly string[] {
    return this.#degradations();
  }
}
