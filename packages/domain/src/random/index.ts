export { createRandom, nextInteger, nextNormal, nextUniform, nextWord, type RandomState } from './random.ts';
