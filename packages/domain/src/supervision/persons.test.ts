import { describe, expect, test } from 'vitest';
import type { TradingState } from '../events/orchestration.ts';
import { type Conditions, decideOnConditions, NO_FAULTS } from './conditions.ts';
import { decideOnMark, rollDay } from './decide.ts';
import {
  decideFlattenTimeout,
  decideHalt,
  decideReduce,
  decideUnhalt,
  type PersonsRuling,
  REFUSAL_CODES,
  resetDay,
} from './persons.ts';
import { type DayRules, dayRulesSchema } from './rules.ts';
import { initialSupervision, type Mark, type SupervisionState } from './state.ts';

const rules: DayRules = dayRulesSchema.parse({});
const request = { time: 5_000, actor: 'kim', reason: 'because' };
const FAILED: Conditions = { reconciliation: 'failed', staleSymbols: [] };
const STALE: Conditions = { reconciliation: 'clean', staleSymbols: ['BTCUSDT'] };

function mark(equityMark: number, over: Partial<Mark> = {}): Mark {
  return { cycleId: '1m:0', openTime: 0, equity: String(equityMark), equityMark, holding: true, ...over };
}

/** A run whose day is open at 1,000. */
function running(trading: Partial<TradingState> = {}): SupervisionState {
  const state = initialSupervision(0);
  state.lastMark = mark(1_000);
  rollDay(state, rules, '2024-08-05', 0);
  state.trading = { ...state.trading, ...trading };
  return state;
}

const halted = (reason: TradingState['reason'], cause: TradingState['cause'] = null) =>
  running({ mode: 'HALTED', reason, cause, epoch: 7 });
const reducing = (reason: TradingState['reason'], cause: TradingState['cause'] = null) =>
  running({
    mode: 'REDUCING',
    reason,
    cause,
    epoch: 7,
    flattenId: reason === 'FLATTENING' ? 'flatten:x' : null,
  });

function said(ruling: PersonsRuling, state: SupervisionState): string {
  if (ruling.kind === 'refused') return ruling.code;
  if (ruling.kind === 'unchanged') return 'unchanged';
  const { mode, reason, cause } = state.trading;
  return `${mode} ${reason}${cause === null ? '' : ` ${cause}`}`;
}

const targetReached = (state: SupervisionState): SupervisionState => {
  if (state.day !== null) state.day.targetReached = true;
  return state;
};
const flattenRules: DayRules = { ...rules, targetPolicy: 'flatten' };

describe('halt', () => {
  test.each([
    ['from active', running(), null, 'HALTED ADMIN'],
    ['twice', halted('ADMIN'), null, 'unchanged'],
    ["a loss cap's becomes the person's", halted('DAILY_LOSS_CAP'), null, 'HALTED ADMIN'],
    ['after a flatten for a person', halted('FLATTENED', 'ADMIN'), null, 'unchanged'],
    ['after a flatten for the target', halted('FLATTENED', 'DAILY_TARGET'), null, 'HALTED ADMIN'],
    ['in the middle of a flatten', reducing('FLATTENING', 'ADMIN'), null, 'HALTED ADMIN'],
    ['with flatten', running(), 'flatten:y', 'REDUCING FLATTENING ADMIN'],
    ['with flatten while halted', halted('ADMIN'), 'flatten:y', 'REDUCING FLATTENING ADMIN'],
    ['with flatten while flattening', reducing('FLATTENING', 'ADMIN'), 'flatten:y', 'unchanged'],
    [
      "with flatten over the target's",
      reducing('FLATTENING', 'DAILY_TARGET'),
      'flatten:y',
      'REDUCING FLATTENING ADMIN',
    ],
    ['with flatten when all was sold', halted('FLATTENED', 'ADMIN'), 'flatten:y', 'unchanged'],
  ])('%s', (_name, state, flattenId, expected) => {
    expect(said(decideHalt(state, { ...request, flattenId }), state)).toBe(expected);
  });

  test('cancels first, names actor and words, and raises the epoch by one', () => {
    const state = running();
    const ruling = decideHalt(state, { ...request, flattenId: 'flatten:y' });
    expect(ruling).toMatchObject({
      kind: 'done',
      outcome: { cancelAll: { cycleId: null }, flatten: { flattenId: 'flatten:y', cycleId: null } },
    });
    expect(state.trading).toMatchObject({
      epoch: 2,
      actor: 'kim',
      detail: 'because',
      since: 5_000,
      cycleId: null,
      flattenId: 'flatten:y',
    });
  });

  test('a flatten under way keeps its id, so that its sells still pass', () => {
    const state = reducing('FLATTENING', 'DAILY_TARGET');
    const ruling = decideHalt(state, { ...request, flattenId: 'flatten:y' });
    expect(ruling).toMatchObject({ outcome: { flatten: null, cancelAll: null } });
    expect(state.trading.flattenId).toBe('flatten:x');
  });

  test('a finished flatten of a person is not lifted by the next day', () => {
    const state = running();
    decideHalt(state, { ...request, flattenId: 'flatten:y' });
    decideOnMark(state, rules, mark(1_000, { holding: false }), 6_000);
    expect(state.trading).toMatchObject({ mode: 'HALTED', reason: 'FLATTENED', cause: 'ADMIN' });
    rollDay(state, { ...rules, lossCapResume: 'next-day' }, '2024-08-06', 7_000);
    expect(state.trading.mode).toBe('HALTED');
  });
});

describe('unhalt', () => {
  test.each<[string, SupervisionState, DayRules, Conditions, string]>([
    ['from a halt', halted('ADMIN'), rules, NO_FAULTS, 'ACTIVE ADMIN'],
    ['from the loss cap', halted('DAILY_LOSS_CAP'), rules, NO_FAULTS, 'ACTIVE ADMIN'],
    ['from a reduction', reducing('ADMIN'), rules, NO_FAULTS, 'ACTIVE ADMIN'],
    ['when active', running(), rules, NO_FAULTS, 'TRADING_NOT_STOPPED'],
    ['while flattening', reducing('FLATTENING', 'ADMIN'), rules, NO_FAULTS, 'FLATTEN_UNDER_WAY'],
    ['with a failed reconciliation', halted('ADMIN'), rules, FAILED, 'RECONCILIATION_NOT_CLEAN'],
    ['of a failed reconciliation', reducing('RECONCILIATION'), rules, FAILED, 'RECONCILIATION_NOT_CLEAN'],
    ['with stale data', halted('ADMIN'), rules, STALE, 'MARKET_DATA_NOT_FRESH'],
    ['of the target', reducing('DAILY_TARGET'), rules, NO_FAULTS, 'DAILY_TARGET_REACHED'],
    [
      "of the target's flatten",
      halted('FLATTENED', 'DAILY_TARGET'),
      rules,
      NO_FAULTS,
      'DAILY_TARGET_REACHED',
    ],
    ['with the lock beneath', targetReached(halted('ADMIN')), rules, NO_FAULTS, 'REDUCING DAILY_TARGET'],
    [
      'with a sold-out day beneath',
      targetReached(halted('ADMIN')),
      flattenRules,
      NO_FAULTS,
      'DAILY_TARGET_REACHED',
    ],
  ])('%s', (_name, state, dayRules, conditions, expected) => {
    expect(said(decideUnhalt(state, dayRules, conditions, request), state)).toBe(expected);
  });

  test('a cap that a person has lifted does not halt again the same day', () => {
    const state = running();
    decideOnMark(state, rules, mark(970), 1);
    expect(state.trading).toMatchObject({ mode: 'HALTED', reason: 'DAILY_LOSS_CAP' });
    decideUnhalt(state, rules, NO_FAULTS, request);
    decideOnMark(state, rules, mark(969), 2);
    expect(state.trading.mode).toBe('ACTIVE');
  });
});

describe('reduce', () => {
  test.each([
    ['from active', running(), 'REDUCING ADMIN'],
    ['twice', reducing('ADMIN'), 'unchanged'],
    ["a target's lock becomes the person's", reducing('DAILY_TARGET'), 'REDUCING ADMIN'],
    ['from a halt', halted('ADMIN'), 'REDUCING ADMIN'],
    ["from the target's halt", halted('FLATTENED', 'DAILY_TARGET'), 'DAILY_TARGET_REACHED'],
    ['while flattening', reducing('FLATTENING', 'ADMIN'), 'FLATTEN_UNDER_WAY'],
  ])('%s', (_name, state, expected) => {
    expect(said(decideReduce(state, request), state)).toBe(expected);
  });
});

describe('reset of the day', () => {
  test('opens it anew at the last mark and lifts what the target had set', () => {
    const state = running();
    decideOnMark(state, rules, mark(1_020), 1);
    expect(state.trading.reason).toBe('DAILY_TARGET');
    const ruling = resetDay(state, rules, NO_FAULTS, request);
    expect(ruling).toMatchObject({ outcome: { dayOpened: { day: '2024-08-05', openingEquity: '1020' } } });
    expect(state.day).toMatchObject({ openingEquityMark: 1_020, targetReached: false, netDeposits: 0 });
    expect(said(ruling, state)).toBe('ACTIVE ADMIN');
  });

  test.each([
    ['a halt stays', halted('DAILY_LOSS_CAP'), 'HALTED DAILY_LOSS_CAP'],
    ['while flattening', reducing('FLATTENING', 'ADMIN'), 'FLATTEN_UNDER_WAY'],
    ['before the first mark', initialSupervision(0), 'NO_OPEN_DAY'],
  ])('%s', (_name, state, expected) => {
    expect(said(resetDay(state, rules, NO_FAULTS, request), state)).toBe(expected);
  });
});

describe('conditions', () => {
  test.each<[string, SupervisionState, Conditions, string | null]>([
    ['a failed reconciliation reduces', running(), FAILED, 'REDUCING RECONCILIATION'],
    ['stale data reduce', running(), STALE, 'REDUCING MARKET_DATA'],
    ['nothing wrong, nothing done', running(), NO_FAULTS, null],
    ['a halt stays', halted('ADMIN'), FAILED, null],
    ["a person's reduction stays", reducing('ADMIN'), NO_FAULTS, null],
    ["the target's lock stays", reducing('DAILY_TARGET'), FAILED, null],
    ['clean again lifts its own', reducing('RECONCILIATION'), NO_FAULTS, 'ACTIVE RECOVERED'],
    ['clean again, data still stale', reducing('RECONCILIATION'), STALE, 'REDUCING MARKET_DATA'],
    ['still failed', reducing('RECONCILIATION'), FAILED, null],
    [
      'clean again, target reached meanwhile',
      targetReached(reducing('RECONCILIATION')),
      NO_FAULTS,
      'REDUCING DAILY_TARGET',
    ],
    ['fresh again lifts its own', reducing('MARKET_DATA'), NO_FAULTS, 'ACTIVE RECOVERED'],
  ])('%s', (_name, state, conditions, expected) => {
    const changed = decideOnConditions(state, rules, conditions, 9);
    expect(changed === null ? null : `${changed.mode} ${changed.reason}`).toBe(expected);
  });

  test('a new day that lifts the target does not lift what is wrong', () => {
    const state = targetReached(reducing('DAILY_TARGET'));
    rollDay(state, rules, '2024-08-06', 1);
    expect(state.trading.mode).toBe('ACTIVE');
    expect(decideOnConditions(state, rules, FAILED, 1)).toMatchObject({ mode: 'REDUCING', epoch: 9 });
  });
});

test('a flatten that takes too long ends in a halt that names the rest', () => {
  const state = reducing('FLATTENING', 'ADMIN');
  expect(decideFlattenTimeout(state, 8, 'flatten:other', ['BTCUSDT'])).toBeNull();
  expect(decideFlattenTimeout(state, 8, 'flatten:x', ['BTCUSDT'])).toMatchObject({
    mode: 'HALTED',
    reason: 'FLATTENED',
    cause: 'ADMIN',
    detail: 'the flatten took too long; still held: BTCUSDT',
  });
  expect(decideFlattenTimeout(state, 9, 'flatten:x', [])).toBeNull();
});

test('every refusal has a row above', () => {
  const rows = [
    decideUnhalt(running(), rules, NO_FAULTS, request),
    decideUnhalt(reducing('FLATTENING'), rules, NO_FAULTS, request),
    decideUnhalt(halted('ADMIN'), rules, FAILED, request),
    decideUnhalt(halted('ADMIN'), rules, STALE, request),
    decideUnhalt(reducing('DAILY_TARGET'), rules, NO_FAULTS, request),
    resetDay(initialSupervision(0), rules, NO_FAULTS, request),
  ].flatMap((ruling) => (ruling.kind === 'refused' ? ruling.code : []));
  expect(rows.toSorted()).toEqual([...REFUSAL_CODES].toSorted());
});
