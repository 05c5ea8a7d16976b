/** The load of the process, measured once a second. */
const tickMs = 1_000;

export class ProcessLoad {
  #sampledAtMs = performance.now();
  #cpu = process.cpuUsage();
  #lagMs = 0;
  #cpuShare = 0;

  /** The delay of the last tick. Any other work in the event loop waited for about as long. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** The part of one core that the process used since the previous tick; several threads may use more than 1. */
  get cpuShare(): number {
    return this.#cpuShare;
  }

  sample(): void {
    const nowMs = performance.now();
    const passedMs = nowMs - this.#sampledAtMs;
    const cpu = process.cpuUsage();
    const usedMicros = cpu.user + cpu.system - this.#cpu.user - this.#cpu.system;
    this.#cpu = cpu;
    this.#sampledAtMs = nowMs;
    this.#lagMs = Math.max(0, Math.round((passedMs - tickMs) * 10) / 10);
    const share = usedMicros / 1_000 / Math.max(1, passedMs);
    this.#cpuShare = Math.round(share * 1_000) / 1_000;
  }
}
