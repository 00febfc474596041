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
