import { describe, expect, it } from 'vitest';
import { changeState, decideOnMark, NOTHING, rollDay } from './decide.ts';
import { type DayRules, dayRulesSchema } from './rules.ts';
import { dayPnlPct, initialSupervision, type Mark, type SupervisionState } from './state.ts';

const rules = (changes: Partial<DayRules> = {}): DayRules => dayRulesSchema.parse(changes);
const mark = (equityMark: number, holding = true): Mark => ({
  cycleId: '1m:60000',
  openTime: 60_000,
  equity: String(equityMark),
  equityMark,
  holding,
});

/** A day opened at 10,000. */
function open(): SupervisionState {
  const state = initialSupervision(0);
  state.lastMark = mark(10_000);
  rollDay(state, rules(), '2024-08-01', 0);
  return state;
}

describe('opening a day', () => {
  it('needs an equity', () => {
    expect(() => rollDay(initialSupervision(0), rules(), '2024-08-01', 0)).toThrow('no equity was marked');
  });

  it('closes the day before at the last mark and opens there', () => {
    const state = open();
    decideOnMark(state, rules(), mark(10_050), 60_000);
    const outcome = rollDay(state, rules(), '2024-08-02', 86_400_000);
    expect(outcome.dayClosed).toMatchObject({ day: '2024-08-01', pnlPct: 0.5, closingEquity: '10050' });
    expect(outcome.dayOpened).toMatchObject({
      day: '2024-08-02',
      openingEquityMark: 10_050,
      targetReached: false,
    });
    expect(outcome.stateChanged).toBeNull();
  });
});

describe('deciding on a mark', () => {
  it.each([
    { pnl: 'just under the target', equity: 10_099.99, policy: 'lock', mode: 'ACTIVE' },
    { pnl: 'at the target', equity: 10_100, policy: 'lock', mode: 'REDUCING' },
    { pnl: 'at the target', equity: 10_100, policy: 'flatten', mode: 'REDUCING' },
    { pnl: 'at the target', equity: 10_100, policy: 'ignore', mode: 'ACTIVE' },
    { pnl: 'just above the cap', equity: 9_800.01, policy: 'lock', mode: 'ACTIVE' },
    { pnl: 'at the cap', equity: 9_800, policy: 'lock', mode: 'HALTED' },
  ] as const)('$pnl with policy $policy: $mode', ({ equity, policy, mode }) => {
    const state = open();
    decideOnMark(state, rules({ targetPolicy: policy }), mark(equity), 60_000);
    expect(state.trading.mode).toBe(mode);
  });

  it('names its cycle, so that approvals of that cycle still pass', () => {
    const state = open();
    const outcome = decideOnMark(state, rules(), mark(10_100), 60_000);
    expect(outcome.stateChanged).toMatchObject({
      cycleId: '1m:60000',
      epoch: 2,
      reason: 'DAILY_TARGET',
      day: '2024-08-01',
    });
    expect(outcome.cancelAll).toBeNull();
  });

  it('locks once a day: an unhalt by a person stands', () => {
    const state = open();
    decideOnMark(state, rules(), mark(10_100), 60_000);
    changeState(state, 61_000, {
      mode: 'ACTIVE',
      reason: 'ADMIN',
      cause: null,
      detail: 'by hand',
      actor: 'someone',
    });
    expect(decideOnMark(state, rules(), mark(10_200), 120_000)).toBe(NOTHING);
  });

  it('flattens: entries canceled, everything sold, halted when flat', () => {
    const state = open();
    const outcome = decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_100), 60_000);
    expect(outcome).toMatchObject({
      cancelAll: { cycleId: '1m:60000' },
      flatten: { flattenId: 'flatten:1m:60000' },
      stateChanged: {
        mode: 'REDUCING',
        reason: 'FLATTENING',
        cause: 'DAILY_TARGET',
        flattenId: 'flatten:1m:60000',
      },
    });
    expect(decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_090), 120_000)).toBe(NOTHING);
    const flat = decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_080, false), 180_000);
    expect(flat.stateChanged).toMatchObject({ mode: 'HALTED', reason: 'FLATTENED', cause: 'DAILY_TARGET' });
  });

  it('the loss cap comes after a lock by the target too', () => {
    const state = open();
    decideOnMark(state, rules(), mark(10_100), 60_000);
    decideOnMark(state, rules(), mark(9_700), 120_000);
    expect(state.trading).toMatchObject({ mode: 'HALTED', reason: 'DAILY_LOSS_CAP' });
  });

  it.each([
    { holding: true, what: 'still selling' },
    { holding: false, what: 'sold out' },
  ])('a loss cap passed while flattening for the target halts as a loss cap: $what', ({ holding }) => {
    const state = open();
    const flatten = rules({ targetPolicy: 'flatten' });
    decideOnMark(state, flatten, mark(10_100), 60_000);
    const flattenId = state.trading.flattenId;
    const outcome = decideOnMark(state, flatten, mark(9_700, holding), 120_000);
    expect(outcome.stateChanged).toMatchObject({
      cause: 'DAILY_LOSS_CAP',
      flattenId: holding ? flattenId : null,
    });
    expect(outcome.flatten).toBeNull();
    if (holding) decideOnMark(state, flatten, mark(9_700, false), 180_000);
    expect(state.trading).toMatchObject({ mode: 'HALTED', reason: 'FLATTENED', cause: 'DAILY_LOSS_CAP' });
    expect(rollDay(state, flatten, '2024-08-02', 86_400_000).stateChanged).toBeNull();
  });

  it('never lifts or replaces a halt', () => {
    const state = open();
    changeState(state, 1, { mode: 'HALTED', reason: 'ADMIN', cause: null, detail: '', actor: 'someone' });
    expect(
      decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(9_000), 60_000).stateChanged,
    ).toBeNull();
    expect(state.trading.reason).toBe('ADMIN');
  });
});

describe('what the next day lifts', () => {
  const lifted = (state: SupervisionState, changes: Partial<DayRules> = {}): boolean =>
    rollDay(state, rules(changes), '2024-08-02', 86_400_000).stateChanged?.mode === 'ACTIVE';

  it('a lock by the target', () => {
    const state = open();
    decideOnMark(state, rules(), mark(10_100), 60_000);
    expect(lifted(state)).toBe(true);
  });

  it('a finished flatten by the target', () => {
    const state = open();
    decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_100), 60_000);
    decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_100, false), 120_000);
    expect(lifted(state)).toBe(true);
  });

  it('a loss cap in a replay, and only there', () => {
    for (const [lossCapResume, expected] of [
      ['next-day', true],
      ['person', false],
    ] as const) {
      const state = open();
      decideOnMark(state, rules(), mark(9_700), 60_000);
      expect(lifted(state, { lossCapResume })).toBe(expected);
    }
  });

  it('not what a person halted', () => {
    const state = open();
    changeState(state, 1, { mode: 'HALTED', reason: 'ADMIN', cause: null, detail: '', actor: 'someone' });
    expect(lifted(state)).toBe(false);
  });

  it('a flatten under way goes on, and ends in trading once flat', () => {
    const state = open();
    decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_100), 60_000);
    expect(lifted(state)).toBe(false);
    expect(state.trading.reason).toBe('FLATTENING');
    const outcome = decideOnMark(state, rules({ targetPolicy: 'flatten' }), mark(10_090, false), 86_460_000);
    expect(outcome.stateChanged).toMatchObject({ mode: 'ACTIVE', reason: 'NEW_DAY' });
  });
});

it('counts deposits as no profit', () => {
  const state = open();
  const day = state.day as NonNullable<SupervisionState['day']>;
  day.netDeposits = 500;
  expect(dayPnlPct(day, 10_600)).toBeCloseTo(1, 12);
});
