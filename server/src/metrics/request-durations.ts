/**
 * A Prometheus histogram of request durations. It does not use prom-client, which checks and hashes the labels at each
 * observation: that costs more than verifying the request's signature.
 */

/** Upper bounds, in seconds. */
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];
const name = "soketify_api_request_duration_seconds";

export interface ObservedRequest {
  readonly method: string;
  /** The route's pattern. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

interface Series {
  readonly labels: string;
  /** The count of each bucket (not cumulative), and above the last bound. */
  readonly counts: number[];
  sumS: number;
}

export class RequestDurations {
  /** By route, then by status. Each route has one method. */
  readonly #routes = new Map<string, Map<number, Series>>();

  observe({ method, route, status, durationMs }: ObservedRequest): void {
    const seconds = durationMs / 1000;
    const series = this.#series(method, route, status);
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] ?? 0)) index += 1;
    series.counts[index] = (series.counts[index] ?? 0) + 1;
    series.sumS += seconds;
  }

  /** The histogram in the text format of Prometheus. */
  text(): string {
    const lines = [
      `# HELP ${name} Time from an HTTP API request to its response`,
      `# TYPE ${name} histogram`,
    ];
    for (const statuses of this.#routes.values()) {
      for (const series of statuses.values()) lines.push(...linesOf(series));
    }
    return `${lines.join("\n")}\n`;
  }

  #series(method: string, route: string, status: number): Series {
    let statuses = this.#routes.get(route);
    if (statuses === undefined) {
      statuses = new Map();
      this.#routes.set(route, statuses);
    }
    let series = statuses.get(status);
    if (series === undefined) {
      const labels = `method="${method}",route="${route}",status="${status}"`;
      series = { labels, counts: new Array(bounds.length + 1).fill(0), sumS: 0 };
      statuses.set(status, series);
    }
    return series;
  }
}

function linesOf({ labels, counts, sumS }: Series): string[] {
  let count = 0;
  const buckets = counts.map((counted, index) => {
    count += counted;
    return `${name}_bucket{le="${bounds[index] ?? "+Inf"}",${labels}} ${count}`;
  });
  return [...buckets, `${name}_sum{${labels}} ${sumS}`, `${name}_count{${labels}} ${count}`];
}
