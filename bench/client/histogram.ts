/** A histogram of latencies in microseconds. It has fixed buckets, stores no sample, and a bucket is at most 1/32 of its value wide. */

const subBucketBits = 5;
const subBuckets = 1 << subBucketBits;
const powers = 28;

export class Histogram {
  readonly #counts = new Float64Array(powers * subBuckets);
  #count = 0;
  #max = 0;

  /** Creates a histogram from counts per bucket, as `load/subscribers.c` reports them. */
  static fromBuckets(buckets: Iterable<readonly [index: number, count: number]>): Histogram {
    const histogram = new Histogram();
    for (const [index, count] of buckets) {
      histogram.#counts[index] = count;
      histogram.#count += count;
      histogram.#max = Math.max(histogram.#max, bucketTop(index));
    }
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** Values above 2^31 microseconds (36 minutes) count as 2^31. */
  record(micros: number): void {
    const value = Math.min(Math.max(micros, 0), 0x7fff_ffff) | 0;
    const shift = Math.max(0, 31 - Math.clz32(value) - subBucketBits);
    const index = shift * subBuckets + (value >>> shift);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
  }

  /** The lowest bucket value that `share` (0 to 1) of all values do not exceed; 0 if the histogram is empty. */
  quantile(share: number): number {
    const wanted = Math.ceil(share * this.#count);
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= wanted && seen > 0) return Math.min(bucketTop(index), this.#max);
    }
    return 0;
  }
}

function bucketTop(index: number): number {
  if (index < 2 * subBuckets) return index;
  const shift = Math.floor(index / subBuckets) - 1;
  return (index - shift * subBuckets + 1) * 2 ** shift - 1;
}
