import { describe, expect, it } from 'vitest';
import {
  type BarSet,
  BEFORE_ALL,
  type ExactBar,
  nextQuestion,
  offerBar,
  openBarSets,
  type Question,
  settle,
  takeSet,
} from './decide.ts';

const MINUTE = 60_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

function bar(symbol: string, minute: number, close = '10'): ExactBar {
  return { symbol, openTime: minute * MINUTE, open: '10', high: '11', low: '9', close, volume: '1' };
}

interface Row {
  readonly name: string;
  /** Minute of the last set. */
  readonly cursor: number;
  /** `B5`: the bar of BTCUSDT of minute 5; `E<=6`: the venue has said all of ETHUSDT up to minute 6. */
  readonly arrives: readonly string[];
  readonly sets: readonly string[];
  readonly question: string | null;
}

const ROWS: readonly Row[] = [
  { name: 'nothing came', cursor: 4, arrives: [], sets: [], question: null },
  { name: 'every bar came', cursor: 4, arrives: ['B5', 'E5'], sets: ['5:BE'], question: null },
  { name: 'in the other order', cursor: 4, arrives: ['E5', 'B5'], sets: ['5:BE'], question: null },
  { name: 'one came, the other is late', cursor: 4, arrives: ['B5'], sets: [], question: 'late E 5-5' },
  {
    name: 'the venue has none: named missing',
    cursor: 4,
    arrives: ['B5', 'E<=5'],
    sets: ['5:B -E'],
    question: null,
  },
  {
    name: 'an older answer does not settle it',
    cursor: 4,
    arrives: ['B5', 'E<=4'],
    sets: [],
    question: 'late E 5-5',
  },
  { name: 'no successor: a gap of all', cursor: 4, arrives: ['B7', 'E7'], sets: [], question: 'gap BE 5-6' },
  {
    name: 'a gap of one symbol alone',
    cursor: 4,
    arrives: ['B5', 'B6', 'E6'],
    sets: [],
    question: 'late E 5-5',
  },
  {
    name: 'a whole interval that the venue has for none is skipped',
    cursor: 4,
    arrives: ['B7', 'E7', 'B<=6', 'E<=6'],
    sets: ['7:BE'],
    question: null,
  },
  {
    name: 'a repaired gap leaves in time order',
    cursor: 4,
    arrives: ['B7', 'E7', 'B6', 'B5', 'B<=6', 'E5', 'E<=6'],
    sets: ['5:BE', '6:B -E', '7:BE'],
    question: null,
  },
  {
    name: 'repetitions change nothing',
    cursor: 4,
    arrives: ['B5', 'B5', 'E5', 'B5'],
    sets: ['5:BE'],
    question: null,
  },
  { name: 'a bar of an earlier set is known', cursor: 4, arrives: ['B4', 'E3'], sets: [], question: null },
  {
    name: 'a later bar waits for the earlier set',
    cursor: 4,
    arrives: ['B6', 'E6', 'B5'],
    sets: [],
    question: 'late E 5-5',
  },
  {
    name: 'the data begin: everything before is asked',
    cursor: -1,
    arrives: ['B5', 'E5'],
    sets: [],
    question: 'gap BE 0-4',
  },
  {
    name: 'the data begin at their first minute',
    cursor: -1,
    arrives: ['B0', 'E0'],
    sets: ['0:BE'],
    question: null,
  },
];

describe('bar sets', () => {
  it.each(ROWS)('$name', ({ cursor, arrives, sets, question }) => {
    const state = openBarSets(SYMBOLS, MINUTE, cursor === -1 ? BEFORE_ALL : cursor * MINUTE);
    const left: string[] = [];
    for (const arrival of arrives) {
      feed(state, arrival);
      for (let set = takeSet(state); set !== null; set = takeSet(state)) left.push(shown(set));
    }
    expect(left).toEqual(sets);
    expect(shownQuestion(nextQuestion(state))).toBe(question);
  });

  it('refuses bars of other symbols and of crooked open times', () => {
    const state = openBarSets(SYMBOLS, MINUTE, 0);
    expect(offerBar(state, bar('XRPUSDT', 5))).toBe('refused');
    expect(offerBar(state, { ...bar('BTCUSDT', 5), openTime: 5 * MINUTE + 1 })).toBe('refused');
    expect(nextQuestion(state)).toBeNull();
  });

  it('keeps the first of two different bars of one minute', () => {
    const state = openBarSets(['BTCUSDT'], MINUTE, 4 * MINUTE);
    expect(offerBar(state, bar('BTCUSDT', 5, '10'))).toBe('taken');
    expect(offerBar(state, bar('BTCUSDT', 5, '10.5'))).toBe('known');
    expect(takeSet(state)?.bars[0]?.close).toBe('10');
  });

  it('lists bars and missing symbols in configured order', () => {
    const symbols = ['C', 'A', 'B', 'D'].map((name) => `${name}USDT`);
    const state = openBarSets(symbols, MINUTE, 4 * MINUTE);
    for (const symbol of ['BUSDT', 'CUSDT']) offerBar(state, bar(symbol, 5));
    for (const symbol of symbols) settle(state, symbol, 5 * MINUTE);
    const set = takeSet(state);
    expect(set?.bars.map(({ symbol }) => symbol)).toEqual(['CUSDT', 'BUSDT']);
    expect(set?.missing).toEqual(['AUSDT', 'DUSDT']);
  });
});

function feed(state: ReturnType<typeof openBarSets>, arrival: string): void {
  const symbol = arrival.startsWith('B') ? 'BTCUSDT' : 'ETHUSDT';
  const minute = Number(arrival.replace(/^.(<=)?/, ''));
  if (arrival.includes('<=')) settle(state, symbol, minute * MINUTE);
  else offerBar(state, bar(symbol, minute));
}

function shown({ openTime, bars, missing }: BarSet): string {
  const names = bars.map(({ symbol }) => symbol.at(0)).join('');
  const absent = missing.map((symbol) => symbol.at(0)).join('');
  return `${openTime / MINUTE}:${names}${absent === '' ? '' : ` -${absent}`}`;
}

function shownQuestion(question: Question | null): string | null {
  if (question === null) return null;
  const symbols = question.symbols.map((symbol) => symbol.at(0)).join('');
  return `${question.kind} ${symbols} ${question.from / MINUTE}-${question.to / MINUTE}`;
}
