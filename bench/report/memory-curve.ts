/** The memory of a process during a long run, as a chart and as figures. */
export interface MemorySample {
  readonly seconds: number;
  readonly mebibytes: number;
}

const width = 720;
const height = 260;
const margin = { left: 60, right: 16, top: 28, bottom: 36 };
const ticks = 5;

/** A line chart from 0 MiB upwards; the time axis is in minutes. */
export function memoryCurveSvg(title: string, samples: readonly MemorySample[]): string {
  const secondsMax = Math.max(1, ...samples.map(({ seconds }) => seconds));
  const mebibytesMax = 1.1 * Math.max(1, ...samples.map(({ mebibytes }) => mebibytes));
  const x = (seconds: number): number =>
    margin.left + (seconds / secondsMax) * (width - margin.left - margin.right);
  const y = (mebibytes: number): number =>
    height - margin.bottom - (mebibytes / mebibytesMax) * (height - margin.top - margin.bottom);
  const line = samples.map(({ seconds, mebibytes }) => `${x(seconds).toFixed(1)},${y(mebibytes).toFixed(1)}`);
  const grid = Array.from({ length: ticks + 1 }, (_, tick) => tick / ticks).flatMap((share) => [
    `<path d="M${margin.left} ${y(share * mebibytesMax).toFixed(1)}H${width - margin.right}" stroke="#dde1e6"/>`,
    `<text x="${margin.left - 8}" y="${(y(share * mebibytesMax) + 4).toFixed(1)}" text-anchor="end">${Math.round(share * mebibytesMax)}</text>`,
    `<text x="${x(share * secondsMax).toFixed(1)}" y="${height - 14}" text-anchor="middle">${Number(((share * secondsMax) / 60).toFixed(1))} min</text>`,
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui,sans-serif" font-size="12" fill="#1c2024"><rect width="${width}" height="${height}" fill="#fff"/><text x="${margin.left}" y="16">${title}, MiB</text>${grid.join("")}<polyline points="${line.join(" ")}" fill="none" stroke="#2f6fde" stroke-width="1.5"/></svg>\n`;
}

/** The first sixth of a soak is its warm-up (ten minutes of an hour); a window is half of that. */
const warmUpShare = 1 / 6;
const windowCount = 10;

export interface MemoryTrend {
  /** The minimum of the first window after the warm-up, and of the last window. */
  readonly firstMebibytes: number;
  readonly lastMebibytes: number;
  /** The rise of the trend over all windows, as a share of the first window's minimum. */
  readonly rise: number;
}

/**
 * Uses the minimum of each window, because memory above it is garbage that is not collected yet. The trend is the median of
 * the slopes between all pairs of windows, so that one odd window does not affect it.
 */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const warm = samples.slice(Math.floor(samples.length * warmUpShare));
  const size = Math.max(1, Math.floor(warm.length / windowCount));
  const least: number[] = [];
  for (let from = 0; from + size <= warm.length; from += size)
    least.push(Math.min(...warm.slice(from, from + size).map(({ mebibytes }) => mebibytes)));
  const slopes = least
    .flatMap((one, index) => least.slice(index + 1).map((later, step) => (later - one) / (step + 1)))
    .sort((a, b) => a - b);
  const slope = slopes[Math.floor(slopes.length / 2)] ?? 0;
  const firstMebibytes = least[0] ?? 0;
  return {
    firstMebibytes,
    lastMebibytes: least.at(-1) ?? 0,
    rise: (slope * (least.length - 1)) / Math.max(1, firstMebibytes),
  };
}
