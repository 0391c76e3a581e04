/** Above, the tail's continued fraction is used: the series would lose the digits of a small tail. */
const TAIL_FROM = 2;
const FRACTION_TERMS = 120;

const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/**
 * Distribution function of the standard normal, within about 1e-15 of its value, tails included. Source: series by
 * Marsaglia (Evaluating the Normal Distribution, 2004); tail by Laplace's continued fraction of Mills' ratio.
 */
export function normalDistribution(x: number): number {
  if (Math.abs(x) > TAIL_FROM) return x > 0 ? 1 - tail(x) : tail(-x);
  let term = x;
  let total = x;
  for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k;
    total += term;
  }
  return 0.5 + total * density(x);
}

/** Probability of more than x > 0. */
function tail(x: number): number {
  let fraction = x;
  for (let k = FRACTION_TERMS; k >= 1; k -= 1) fraction = x + k / fraction;
  return density(x) / fraction;
}

/**
 * The x below which a standard normal lies with the given probability in (0, 1); ±Infinity at its ends. By halving
 * an interval until it cannot be halved, so as exact as the distribution function itself.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`No probability: ${probability}.`);
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  if (probability === 1) return Number.POSITIVE_INFINITY;
  let low = -39;
  let high = 39;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (normalDistribution(middle) < probability) low = middle;
    else high = middle;
  }
}
