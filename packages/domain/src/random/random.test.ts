import { expect, test } from 'vitest';
import { createRandom, nextInteger, nextNormal, nextUniform, nextWord } from './random.ts';

test('the same seed gives the same bits, another seed others', () => {
  const draw = (seed: number | string) => {
    const state = createRandom(seed);
    return Array.from({ length: 50 }, () => nextWord(state));
  };
  expect(draw('a')).toEqual(draw('a'));
  expect(draw(1)).toEqual(draw('1'));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('the state survives JSON in the middle of a sequence', () => {
  const state = createRandom(7);
  for (let i = 0; i < 100; i += 1) nextWord(state);
  const copy = JSON.parse(JSON.stringify(state)) as typeof state;
  for (let i = 0; i < 100; i += 1) expect(nextWord(copy)).toBe(nextWord(state));
});

test('uniforms fill [0, 1) evenly and normals have mean 0 and variance 1', () => {
  const state = createRandom('moments');
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i += 1) {
    const tenth = Math.floor(nextUniform(state) * 10);
    tenths[tenth] = tenths[tenth]! + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < 100_000; i += 1) {
    const value = nextNormal(state);
    sum += value;
    squares += value * value;
  }
  expect(Math.abs(sum / 100_000)).toBeLessThan(0.02);
  expect(Math.abs(squares / 100_000 - 1)).toBeLessThan(0.02);
});

test('integers cover both ends', () => {
  const state = createRandom('ends');
  const seen = new Set(Array.from({ length: 500 }, () => nextInteger(state, -2, 2)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
});
