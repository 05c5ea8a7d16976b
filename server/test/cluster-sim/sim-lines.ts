/** The lines that a node follows: counted, requested once, and followed again after a lost connection. */
import type { LineEnd, LineMessage } from "./engine-messages.ts";
import type { SimLink } from "./sim-link.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimUplink } from "./sim-uplink.ts";

const lingerMs = 2_000;

interface FollowedLine {
  follows: number;
  isFollowed: boolean;
  isAsked: boolean;
  waiting: (() => void)[];
  cancelLinger: (() => void) | null;
}

export class SimLines implements LineEnd {
  readonly link: SimLink;
  readonly #uplink: SimUplink;
  readonly #process: SimProcess;
  readonly #lines = new Map<string, FollowedLine>();
  #receive: (line: string, message: LineMessage) => void = () => undefined;
  #onFollowed: (line: string) => void = () => undefined;

  constructor(uplink: SimUplink, process: SimProcess) {
    this.link = uplink.lines;
    this.#uplink = uplink;
    this.#process = process;
  }

  /** `followed` is called each time a line is followed, before waiting work runs. */
  listen(receive: (line: string, message: LineMessage) => void, followed: (line: string) => void): void {
    this.#receive = receive;
    this.#onFollowed = followed;
  }

  get names(): string[] {
    return [...this.#lines.keys()];
  }

  /** Runs the work once the line is followed: within the call if it is followed already, or if the engine is unreachable. */
  follow(name: string, work: () => void): void {
    const line = this.#lines.get(name) ?? newLine();
    this.#lines.set(name, line);
    line.follows += 1;
    line.cancelLinger?.();
    line.cancelLinger = null;
    if (line.isFollowed || !this.#uplink.isReady) {
      work();
      return;
    }
    line.waiting.push(work);
    if (!line.isAsked) this.#ask([name]);
  }

  unfollow(name: string): void {
    const line = this.#lines.get(name);
    if (line === undefined) return;
    line.follows -= 1;
    if (line.follows > 0) return;
    line.cancelLinger = this.#process.clock.after(lingerMs, () => {
      this.#lines.delete(name);
      this.#uplink.onLines((engine) => engine.lines.unsubscribe(this, name));
    });
  }

  lost(): void {
    for (const line of this.#lines.values()) {
      line.isFollowed = false;
      line.isAsked = false;
      for (const work of line.waiting.splice(0)) work();
    }
  }

  ready(): void {
    for (const [name, line] of this.#lines) {
      if (line.follows > 0) continue;
      line.cancelLinger?.();
      this.#lines.delete(name);
    }
    this.#ask(this.names);
  }

  receive(line: string, message: LineMessage): void {
    this.#receive(line, message);
  }

  subscribed(names: readonly string[]): void {
    for (const name of names) {
      const line = this.#lines.get(name);
      if (line === undefined) continue;
      line.isFollowed = true;
      this.#onFollowed(name);
      for (const work of line.waiting.splice(0)) work();
    }
  }

  #ask(names: readonly string[]): void {
    for (const name of names) {
      const line = this.#lines.get(name);
      if (line !== undefined) line.isAsked = true;
    }
    this.#uplink.onLines((engine) => engine.lines.subscribe(this, names));
  }
}

function newLine(): FollowedLine {
  return { follows: 0, isFollowed: false, isAsked: false, waiting: [], cancelLinger: null };
}
