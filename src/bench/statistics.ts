/** The middle value, the upper one of two; NaN of none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Middle of the ratios of each round, so that what else the machine did in a round weighs on both. */
export function medianRatio(values: number[], others: number[]): number {
  return median(values.map((value, i) => value / (others[i] ?? Number.NaN)));
}

/** The value that a part of all values is at most (nearest rank); NaN of none. */
export function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
