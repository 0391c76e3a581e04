/** The greatest of high − low, |high − previous close|, |low − previous close|; quote units. Source: Wilder 1978. */
export function trueRange(high: number, low: number, previousClose: number): number {
  return Math.max(high, previousClose) - Math.min(low, previousClose);
}
