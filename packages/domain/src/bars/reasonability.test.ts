import { expect, test } from 'vitest';
import type { Bar } from './bar.ts';
import { BAR_FAULTS, type BarFaultCode, type BarLimits, judgeBar } from './reasonability.ts';
import { createReturnHistory, type ReturnHistory, recordBar } from './return-history.ts';

const MINUTE = 60_000;
const LIMITS: BarLimits = {
  intervalMs: MINUTE,
  missingBarsMax: 0,
  zeroVolumeRunMax: 2,
  jumpSigmaMax: 8,
  jumpShareMin: 0.02,
};
const PREVIOUS: Bar = {
  symbol: 'X',
  openTime: 10 * MINUTE,
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volume: 5,
};
const NEXT: Bar = { ...PREVIOUS, openTime: 11 * MINUTE };

/** Returns of ±1 %, so a deviation of about 0.0102. */
function history(count = 20, zeroVolumeRun = 0): ReturnHistory {
  const result = createReturnHistory(20);
  for (let i = 0; i < count; i += 1) recordBar(result, 100, { close: i % 2 === 0 ? 101 : 99, volume: 1 });
  result.zeroVolumeRun = zeroVolumeRun;
  return result;
}

interface Row {
  readonly fires: readonly Bar[];
  readonly verdict: 'implausible' | 'impossible';
  readonly passes: readonly Bar[];
  readonly past?: ReturnHistory;
}

const ROWS: Record<BarFaultCode, Row> = {
  'non-positive': {
    fires: [
      { ...NEXT, low: 0 },
      { ...NEXT, close: -1 },
      { ...NEXT, volume: -1 },
      { ...NEXT, open: Number.NaN },
      { ...NEXT, high: Number.POSITIVE_INFINITY },
    ],
    verdict: 'impossible',
    passes: [{ ...NEXT, volume: 0 }],
  },
  range: {
    fires: [
      { ...NEXT, high: 98 },
      { ...NEXT, open: 102 },
      { ...NEXT, open: 98 },
      { ...NEXT, close: 101.5 },
      { ...NEXT, close: 98.5 },
    ],
    verdict: 'impossible',
    passes: [{ ...NEXT, open: 99, close: 101 }],
  },
  misaligned: {
    fires: [
      { ...NEXT, openTime: 11 * MINUTE + 1 },
      { ...NEXT, openTime: Number.NaN },
    ],
    verdict: 'impossible',
    passes: [NEXT],
  },
  'not-ascending': {
    fires: [PREVIOUS, { ...NEXT, openTime: 9 * MINUTE }],
    verdict: 'impossible',
    passes: [NEXT],
  },
  gap: { fires: [{ ...NEXT, openTime: 12 * MINUTE }], verdict: 'implausible', passes: [NEXT] },
  'zero-volume-run': {
    fires: [{ ...NEXT, volume: 0 }],
    verdict: 'implausible',
    passes: [NEXT],
    past: history(20, 2),
  },
  jump: {
    fires: [
      { ...NEXT, high: 110, close: 109 },
      { ...NEXT, low: 91 },
    ],
    verdict: 'implausible',
    passes: [{ ...NEXT, high: 108, close: 107 }],
  },
};

test.each(BAR_FAULTS)('%s fires, and does not', (code) => {
  const row = ROWS[code];
  for (const bar of row.fires) {
    const verdict = judgeBar(PREVIOUS, bar, row.past ?? history(), LIMITS);
    expect(verdict).toMatchObject({ verdict: row.verdict, faults: [{ code }] });
    expect(Object.keys(verdict.faults[0]!.numbers).length).toBeGreaterThan(0);
  }
  for (const bar of row.passes) {
    expect(judgeBar(PREVIOUS, bar, row.past ?? history(), LIMITS)).toEqual({
      verdict: 'reasonable',
      faults: [],
    });
  }
});

test('the first bar has nothing before it to be held against', () => {
  expect(judgeBar(null, { ...NEXT, high: 500 }, history(), LIMITS).verdict).toBe('reasonable');
  expect(judgeBar(null, { ...NEXT, high: 0.5 }, history(), LIMITS).verdict).toBe('impossible');
});

test('a jump needs a full history and a move of some size', () => {
  const jump = { ...NEXT, high: 150 };
  expect(judgeBar(PREVIOUS, jump, history(19), LIMITS).verdict).toBe('reasonable');
  const calm = createReturnHistory(20);
  for (let i = 0; i < 20; i += 1) recordBar(calm, 100, { close: 100, volume: 1 });
  expect(judgeBar(PREVIOUS, { ...NEXT, high: 101.9 }, calm, LIMITS).verdict).toBe('reasonable');
  expect(judgeBar(PREVIOUS, { ...NEXT, high: 102.1 }, calm, LIMITS).verdict).toBe('implausible');
});

test('says everything that is implausible at once', () => {
  const bar = { ...NEXT, openTime: 15 * MINUTE, high: 150, volume: 0 };
  const { faults } = judgeBar(PREVIOUS, bar, history(20, 2), LIMITS);
  expect(faults.map((fault) => fault.code)).toEqual(['gap', 'zero-volume-run', 'jump']);
  expect(faults[0]!.numbers).toEqual({ missingBars: 4, missingBarsMax: 0 });
});
