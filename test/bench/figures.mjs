/** The value below which `part` of `values` lie. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export const rounded = (value, digits = 1) => Number(value.toFixed(digits));

/** p50, p95 and the worst, in milliseconds. */
export function latency(ms) {
  return { p50: rounded(quantile(ms, 0.5)), p95: rounded(quantile(ms, 0.95)), max: rounded(Math.max(...ms)) };
}

/** The straight line through [x, y] points: what y grows by for each x, and how far off that may be (two standard errors). */
export function slope(points) {
  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;
  const [middleX, middleY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((total, [x]) => total + (x - middleX) ** 2, 0);
  const perX = points.reduce((total, [x, y]) => total + (x - middleX) * (y - middleY), 0) / spread;
  const missed = points.reduce((total, [x, y]) => total + (y - middleY - perX * (x - middleX)) ** 2, 0);
  return { perX, give: 2 * Math.sqrt(missed / (points.length - 2) / spread) };
}
