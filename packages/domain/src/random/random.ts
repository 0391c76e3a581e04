/**
 * A small seeded generator for markets and searches that must come out the same, bit for bit, for the same
 * seed on every machine: only 32-bit integer arithmetic, one exact division and no transcendental function.
 * The state is plain JSON, so a cut run continues where it stood.
 */
export interface RandomState {
  a: number;
  b: number;
  c: number;
  counter: number;
}

/** Words drawn and thrown away after seeding, so that close seeds do not begin alike (the author's advice). */
const SEED_ROUNDS = 15;

/** FNV-1a over UTF-16 code units, 32 bits. Source: Fowler, Noll, Vo, draft-eastlake-fnv. */
function hash(text: string, basis: number): number {
  let value = basis;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** Seeds a generator. Any text or number is a seed; `1` and `'1'` are the same one. */
export function createRandom(seed: number | string): RandomState {
  const text = String(seed);
  const state = {
    a: hash(text, 0x811c9dc5),
    b: hash(text, 0x9e3779b9),
    c: hash(text, 0x85ebca6b),
    counter: 1,
  };
  for (let i = 0; i < SEED_ROUNDS; i += 1) nextWord(state);
  return state;
}

/** The next 32 random bits as an unsigned integer. Source: sfc32 of PractRand (Chris Doty-Humphrey). */
export function nextWord(state: RandomState): number {
  const word = (state.a + state.b + state.counter) | 0;
  state.counter = (state.counter + 1) >>> 0;
  state.a = (state.b ^ (state.b >>> 9)) >>> 0;
  state.b = (state.c + (state.c << 3)) >>> 0;
  state.c = (((state.c << 21) | (state.c >>> 11)) + word) >>> 0;
  return word >>> 0;
}

/** Uniform in [0, 1) with 32 bits. */
export function nextUniform(state: RandomState): number {
  return nextWord(state) / 0x1_0000_0000;
}

/** Uniform integer in [min, max], both included; `min <= max`, at most 2^32 values. */
export function nextInteger(state: RandomState, min: number, max: number): number {
  return min + Math.floor(nextUniform(state) * (max - min + 1));
}

/**
 * Nearly normal with mean 0 and variance 1: the centred sum of six uniforms (Irwin-Hall), bounded by ±4.25.
 * Chosen over Box-Muller because logarithm and cosine may differ in their last bit between engines.
 */
export function nextNormal(state: RandomState): number {
  let sum = 0;
  for (let i = 0; i < 6; i += 1) sum += nextUniform(state);
  return (sum - 3) * Math.SQRT2;
}
