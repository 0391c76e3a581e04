import { expect, test } from 'vitest';
import { SnapshotShapeError } from '../snapshots/index.ts';
import {
  createReturnHistory,
  historyFull,
  recordBar,
  restoreHistory,
  returnDeviation,
  snapshotHistory,
} from './return-history.ts';

test('has the sample deviation of the last returns', () => {
  const history = createReturnHistory(4);
  const closes = [100, 150, 120, 126, 138.6, 145.53];
  for (let i = 0; i < closes.length; i += 1)
    recordBar(history, closes[i - 1] ?? null, { close: closes[i]!, volume: 1 });
  expect(historyFull(history)).toBe(true);
  // Returns −0.2, 0.05, 0.1, 0.05: mean 0, squares 0.055, divisor 3.
  expect(returnDeviation(history)).toBeCloseTo(Math.sqrt(0.055 / 3), 12);
});

test('counts the bars without a trade that came last', () => {
  const history = createReturnHistory(4);
  for (const volume of [1, 0, 0]) recordBar(history, 1, { close: 1, volume });
  expect(history.zeroVolumeRun).toBe(2);
  recordBar(history, 1, { close: 1, volume: 3 });
  expect(history.zeroVolumeRun).toBe(0);
  expect(historyFull(history)).toBe(true);
});

test('goes on exactly from a snapshot, which later bars do not touch', () => {
  const history = createReturnHistory(30);
  let close = 100;
  const step = (i: number) => {
    close *= 1 + Math.sin(i * 12.9898) / 77;
    return { close, volume: i % 5 };
  };
  for (let i = 0; i < 101; i += 1) recordBar(history, close, step(i));
  const stored = JSON.parse(JSON.stringify(snapshotHistory(history))) as unknown;
  const restored = restoreHistory(30, stored);
  const before = close;
  const tail = Array.from({ length: 100 }, (_, i) => step(i));
  for (const target of [history, restored]) {
    let previous = before;
    for (const bar of tail) {
      recordBar(target, previous, bar);
      previous = bar.close;
    }
  }
  expect(restored).toEqual(history);
  expect(() => restoreHistory(31, stored)).toThrow(SnapshotShapeError);
  expect(() => restoreHistory(30, { moments: {} })).toThrow(SnapshotShapeError);
});
