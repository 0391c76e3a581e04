import { initialSupervision } from '@fleet/domain/supervision';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STATE_KEY, STATE_KEY_MS, StateKey } from './state-key.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setup() {
  const written: unknown[][] = [];
  const failures: unknown[] = [];
  const given = {
    trading: initialSupervision(7).trading as ReturnType<typeof initialSupervision>['trading'] | null,
  };
  const control = { holds: true, fails: false };
  const set = (...command: unknown[]) => {
    written.push(command);
    return control.fails ? Promise.reject(new Error('Redis is away')) : Promise.resolve('OK');
  };
  const key = new StateKey({
    redis: { set },
    run: 'run-1',
    trading: () => given.trading,
    holdsLease: () => control.holds,
    onFailure: (error) => failures.push(error),
  });
  return { key, written, failures, given, control };
}

test('is written at once, with its run and a bounded life, and refreshed well within it', () => {
  const { key, written } = setup();
  key.start();
  expect(written).toEqual([[STATE_KEY, expect.any(String), 'PX', STATE_KEY_MS]]);
  expect(JSON.parse(String(written[0]?.[1]))).toMatchObject({ run: 'run-1', mode: 'ACTIVE', epoch: 1 });
  vi.advanceTimersByTime(STATE_KEY_MS);
  expect(written).toHaveLength(6);
  key.stop();
});

test('is not written without the lease, before the first state, or after the stop', () => {
  const { key, written, given, control } = setup();
  key.write();
  control.holds = false;
  key.start();
  vi.advanceTimersByTime(3_000);
  control.holds = true;
  given.trading = null;
  vi.advanceTimersByTime(3_000);
  key.stop();
  given.trading = initialSupervision(7).trading;
  key.write();
  vi.advanceTimersByTime(3_000);
  expect(written).toEqual([]);
});

test('a write that fails is told, and the next refresh tries again', async () => {
  const { key, written, failures, control } = setup();
  control.fails = true;
  key.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(failures).toHaveLength(2);
  control.fails = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toHaveLength(3);
  expect(failures).toHaveLength(2);
  key.stop();
});
