/** Numbers from 0 to below 1 that are the same in each run. */
export function seededRandom(seed: string): () => number {
  let turn = 0;
  return () => {
    turn += 1;
    return Number(Bun.hash(`${seed} ${turn}`) % 1_000_003n) / 1_000_003;
  };
}
