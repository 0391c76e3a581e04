import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BarSet,
  BEFORE_ALL,
  type ExactBar,
  nextQuestion,
  offerBar,
  openBarSets,
  questionFrom,
  settle,
  takeSet,
} from './decide.ts';

const MINUTE = 60_000;
const SYMBOLS = ['AUSDT', 'BUSDT', 'CUSDT'];

/** What the venue has: by minute, which of the symbols have a bar. */
const market = fc.array(fc.subarray(SYMBOLS), { minLength: 1, maxLength: 25 });

/** How the stream mistreats each message: lost, once, or more often; and how far it is pushed back. */
const treatment = fc.record({
  copies: fc.integer({ min: 0, max: 3 }),
  delay: fc.integer({ min: 0, max: 6 }),
});

/** Before which messages the process is cut off and starts again from its stored cursor. */
const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 });

describe('bar sets under a bad stream', () => {
  it('any order, repetition, loss and restart gives the sequence that the venue has', () => {
    fc.assert(
      fc.property(
        market,
        fc.array(treatment, { minLength: 75, maxLength: 75 }),
        cuts,
        fc.boolean(),
        (minutes, treatments, cutAt, begins) => {
          const first = begins ? 0 : 100;
          const messages = delivered(minutes, treatments, first);
          const cursor = begins ? BEFORE_ALL : (first - 1) * MINUTE;
          const published = run({ minutes, messages, cutAt: new Set(cutAt), cursor, first });
          expect(published).toEqual(truth(minutes, first));
        },
      ),
      { numRuns: 500 },
    );
  });
});

interface Run {
  readonly minutes: readonly (readonly string[])[];
  readonly messages: readonly ExactBar[];
  readonly cutAt: ReadonlySet<number>;
  readonly cursor: number;
  readonly first: number;
}

/** The feed in miniature: offers messages, asks the venue what it has closed so far, restarts when cut. */
function run({ minutes, messages, cutAt, cursor, first }: Run): BarSet[] {
  const published: BarSet[] = [];
  let state = openBarSets(SYMBOLS, MINUTE, cursor);
  /** The venue has closed everything up to the latest minute of which a message was sent. */
  let closed = -1;
  const ask = (symbol: string, from: number, to: number): readonly ExactBar[] =>
    truth(minutes, first)
      .filter(({ openTime }) => openTime >= from && openTime <= Math.min(to, closed))
      .flatMap(({ bars }) => bars.filter((bar) => bar.symbol === symbol));
  const answer = (symbol: string, from: number, to: number): void => {
    for (const bar of ask(symbol, from, to)) offerBar(state, bar);
  };
  const drain = (): void => {
    for (;;) {
      for (let set = takeSet(state); set !== null; set = takeSet(state)) published.push(set);
      const question = nextQuestion(state);
      if (question === null) return;
      for (const symbol of question.symbols) {
        answer(symbol, question.from, question.to);
        settle(state, symbol, question.to);
      }
    }
  };
  const repair = (): void => {
    for (const symbol of SYMBOLS) {
      const bars = ask(symbol, questionFrom(state), Number.MAX_SAFE_INTEGER);
      for (const bar of bars) offerBar(state, bar);
      const last = bars.at(-1);
      if (last !== undefined) settle(state, symbol, last.openTime);
    }
    drain();
  };
  for (const [at, message] of messages.entries()) {
    if (cutAt.has(at)) {
      state = openBarSets(SYMBOLS, MINUTE, published.at(-1)?.openTime ?? cursor);
      repair();
    }
    closed = Math.max(closed, message.openTime);
    offerBar(state, message);
    drain();
  }
  closed = Number.MAX_SAFE_INTEGER;
  repair();
  return published;
}

function truth(minutes: readonly (readonly string[])[], first: number): BarSet[] {
  return minutes.flatMap((symbols, index) => {
    if (symbols.length === 0) return [];
    const openTime = (first + index) * MINUTE;
    const bars = SYMBOLS.filter((symbol) => symbols.includes(symbol)).map((symbol) =>
      exact(symbol, openTime),
    );
    return [{ openTime, bars, missing: SYMBOLS.filter((symbol) => !symbols.includes(symbol)) }];
  });
}

function delivered(
  minutes: readonly (readonly string[])[],
  treatments: readonly { copies: number; delay: number }[],
  first: number,
): ExactBar[] {
  const sent = truth(minutes, first).flatMap(({ bars }) => bars);
  return sent
    .flatMap((bar, index) => {
      const { copies, delay } = treatments[index]!;
      return Array.from({ length: copies }, (_, copy) => ({ bar, at: index + delay * (copy + 1) }));
    })
    .sort((left, right) => left.at - right.at)
    .map(({ bar }) => bar);
}

function exact(symbol: string, openTime: number): ExactBar {
  const price = String(100 + (openTime / MINUTE) * 0.5);
  return { symbol, openTime, open: price, high: price, low: price, close: price, volume: '1' };
}
