import { afterAll, expect, test, vi } from 'vitest';
import { MemoryRecord } from '../../test/memory-record.ts';
import { candlesOf, configurationOf, studyOf, venue } from '../../test/study-fixture.ts';
import type { CandleSet } from '../candles/candle-source.ts';
import { VIOLATIONS } from '../search/objective.ts';
import { runTrial } from '../trials/trial.ts';
import { TrialPool } from '../trials/trial-pool.ts';
import type { Study } from './study.ts';
import { CandlesChanged, ConfigurationChanged } from './study-errors.ts';
import { runStudy, type StudyTools } from './study-run.ts';

// Starting the threads takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const candles = candlesOf(2);
const bySymbol = { BTCUSDT: 'files', ETHUSDT: 'files' } as const;
const loaded: CandleSet = { candles, bySymbol, sha256: 'a'.repeat(64) };
const pools = [1, 2].map((threads) => new TrialPool({ threads, nice: 0 }));
const [one, two] = pools as [TrialPool, TrialPool];

afterAll(async () => {
  for (const pool of pools) await pool.close();
});

const tools = (record: MemoryRecord, pool: TrialPool): StudyTools => ({
  ...{ configuration: configurationOf(), venue, pool, record },
  loadCandles: async () => loaded,
});
const running = new AbortController().signal;

async function whole(study: Study, pool: TrialPool, record = new MemoryRecord()): Promise<MemoryRecord> {
  await runStudy(study, tools(record, pool), record.book, running);
  return record;
}

const reportOf = (record: MemoryRecord) => JSON.parse(record.settled?.report?.body ?? 'null');

test('one thread and two come to the same result, bit for bit', async () => {
  const study = studyOf();
  const single = await whole(study, one);
  const double = await whole(study, two);
  expect(await double.trials()).toEqual(await single.trials());
  expect(double.settled).toEqual(single.settled);
  expect(single.settled).toMatchObject({ outcome: 'completed', code: null });
  expect((await single.trials()).map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

test('cut off after some trials and begun again, it comes to the same result', async () => {
  const study = studyOf();
  const uninterrupted = await whole(study, two);
  const record = new MemoryRecord();
  record.killAfter = 5;
  await expect(whole(study, two, record)).rejects.toThrow('killed');
  expect(record.rows.size).toBe(5);
  expect(record.settled).toBeNull();
  record.killAfter = Number.POSITIVE_INFINITY;
  await whole({ ...study, state: 'running', started: record.start }, one, record);
  expect(await record.trials()).toEqual(await uninterrupted.trials());
  expect(record.settled).toEqual(uninterrupted.settled);
});

test('a trial on a thread is the trial on this thread', async () => {
  const study = studyOf({ trials: 3 });
  const record = await whole(study, two);
  const setup = { configuration: configurationOf(), venue, strategy: 'ema-cross', candles };
  for (const { parameters, objective, metrics, violations } of await record.trials()) {
    const task = { setup, parameters, period: study.periods.train, constraints: study.spec };
    expect(runTrial({ ...task, objective: 'totalReturn' })).toEqual({ objective, metrics, violations });
  }
});

test('the train period alone chooses; each candidate is looked at once on the later test period', async () => {
  const record = await whole(studyOf(), two);
  const report = reportOf(record);
  const trials = await record.trials();
  const ranked = trials
    .filter(({ violations }) => violations.length === 0)
    .toSorted((a, b) => (b.objective ?? 0) - (a.objective ?? 0));
  expect(report.candidates.map(({ index }: { index: number }) => index)).toEqual(
    ranked.slice(0, 3).map(({ index }) => index),
  );
  expect(report.winner.index).toBe(ranked[0]?.index);
  expect(record.settled?.candidate).toMatchObject({ trainObjective: ranked[0]?.objective });
  expect(record.seen.size).toBe(3);
  expect(report.winner.test.period.from).toBe('2024-01-02');
  expect(report.winner.train.period.to).toBe('2024-01-01');
  expect(report.winner.train.performance.totalReturn).toBe(report.winner.trainObjective);
  expect(report.winner.test.performance.totalReturn).toBe(report.winner.testObjective);
  expect(report.winner.train.significance.trials).toBe(12);
  expect(report.history).toEqual({ trials: 12, testLooks: 3 });
  expect(report.notes.join(' ')).toContain('looked at 3 times');
});

test('what comes after the train period does not change its trials', async () => {
  const study = studyOf({ trials: 4 });
  const shorter = candles.map((columns) => ({ ...columns }));
  const record = new MemoryRecord();
  const alone = {
    ...tools(record, two),
    loadCandles: async () => ({ ...loaded, candles: shorter }),
  };
  for (const columns of shorter) {
    const copy = new SharedArrayBuffer(columns.buffer.byteLength);
    const numbers = new Float64Array(copy);
    numbers.set(new Float64Array(columns.buffer));
    // Doubles every price from the second day on.
    for (let column = 1; column <= 4; column += 1)
      for (let row = 1440; row < columns.length; row += 1) {
        const at = column * columns.length + row;
        numbers[at] = (numbers[at] ?? 0) * 2;
      }
    Object.assign(columns, { buffer: copy });
  }
  await runStudy(study, alone, record.book, running);
  const usual = await whole(study, two);
  expect(await record.trials()).toEqual(await usual.trials());
  expect(await record.looks()).not.toEqual(await usual.looks());
});

test('no trial meets the conditions: completed without a candidate, and it says why', async () => {
  const record = await whole(studyOf({ trials: 4, tradesMin: 5_000 }), two);
  expect(record.settled).toMatchObject({ outcome: 'completed', candidate: null });
  expect(record.settled?.message).toContain('TRADES_BELOW_MINIMUM 4');
  expect(record.seen.size).toBe(0);
  const report = reportOf(record);
  expect(report.winner).toBeNull();
  expect(Object.keys(report.trials.violations).every((code) => VIOLATIONS.includes(code as never))).toBe(
    true,
  );
});

test('other rules or other candles than at the start end it: its trials could not be compared', async () => {
  const study = studyOf({ trials: 2 });
  const record = await whole(study, one);
  const started = record.start;
  if (started === null) throw new Error('not started');
  const again = (over: Partial<typeof started>) =>
    whole({ ...study, started: { ...started, ...over } }, one, new MemoryRecord());
  await expect(again({ configurationSha256: 'f'.repeat(64) })).rejects.toThrow(ConfigurationChanged);
  await expect(again({ candlesSha256: 'f'.repeat(64) })).rejects.toThrow(CandlesChanged);
});

test('a stopped study begins nothing more', async () => {
  const record = new MemoryRecord();
  const stop = new AbortController();
  const book: typeof record.book = async (...input) => {
    await record.book(...input);
    if (record.rows.size === 2) stop.abort(new Error('enough'));
  };
  await expect(runStudy(studyOf(), tools(record, two), book, stop.signal)).rejects.toThrow('enough');
  expect(record.rows.size).toBeLessThan(8);
  expect(record.settled).toBeNull();
});
