/** A ring of `period` doubles. Kept as a plain array so that an indicator's state is JSON. */
export function createRing(period: number): number[] {
  const ring: number[] = [];
  for (let i = 0; i < period; i += 1) ring.push(0);
  return ring;
}
