import { parametersDeployed } from '@fleet/domain/events';
import type { Decided, Input } from '@fleet/shared/streams';
import { expect, test } from 'vitest';
import { configurationOf } from '../../test/study-fixture.ts';
import { emptyState, type OptimizerState } from '../optimizer/state.ts';
import { approveVersion, rejectVersion, rollBack } from './decide.ts';
import {
  nextVersionState,
  type ParameterVersion,
  VERSION_STATES,
  type VersionState,
  type VersionStep,
} from './version.ts';

const input: Input = {
  ...{ id: 'i', type: 'x', key: 'k', ts: '2024-01-05T00:00:00.000Z', data: null, stream: null },
  ...{ causationId: null, requestId: 'r', traceparent: '' },
};

function version(id: string, symbols: readonly string[] = ['BTCUSDT', 'ETHUSDT']): ParameterVersion {
  return {
    ...{ id, strategy: 'ema-cross', symbols, parameters: { fast: 5, slow: 20 }, state: 'pending' },
    ...{ studyId: `study-${id}`, reportSha256: 'c'.repeat(64), objective: 'sharpe', trainObjective: 1 },
    ...{ testObjective: 0, reason: '', decidedBy: null, createdAt: input.ts, decidedAt: null },
  };
}

function stateWith(...versions: readonly ParameterVersion[]): OptimizerState {
  const limits = { trialsMax: 1, barsMax: 1, openMax: 1 };
  const defaults = { tradesMin: 1, drawdownMax: 1, candidates: 1 };
  const state = emptyState({ run: 'run-1', configuration: configurationOf(), limits, defaults });
  for (const each of versions) state.versions.set(each.id, each);
  return state;
}

const approve = (state: OptimizerState, parameterVersion: string, reportSha256: string | null = null) =>
  approveVersion(state, { parameterVersion, by: 'kim', reportSha256 }, input);
const roll = (state: OptimizerState, symbols: readonly string[], strategy = 'ema-cross') =>
  rollBack(state, { strategy, symbols, by: 'kim' }, input);
const stateOf = (state: OptimizerState, id: string) => state.versions.get(id)?.state;

function deployed(decided: Decided) {
  if (decided.kind !== 'done') throw new Error(`it was ${decided.kind}`);
  return (decided.events ?? []).map(({ data }) => parametersDeployed.schema.parse(data));
}
function code(decided: Decided): string | undefined {
  return decided.kind === 'reject' ? (decided.error as { code?: string }).code : undefined;
}

const table: [VersionState, VersionStep, VersionState | null][] = [
  ['pending', 'approved', 'deployed'],
  ['pending', 'rejected', 'rejected'],
  ['pending', 'replaced', null],
  ['pending', 'restored', null],
  ['deployed', 'approved', null],
  ['deployed', 'rejected', null],
  ['deployed', 'replaced', 'superseded'],
  ['deployed', 'restored', null],
  ['superseded', 'approved', null],
  ['superseded', 'rejected', null],
  ['superseded', 'replaced', null],
  ['superseded', 'restored', 'deployed'],
  ['rejected', 'approved', null],
  ['rejected', 'rejected', null],
  ['rejected', 'replaced', null],
  ['rejected', 'restored', null],
];

test.each(table)('a %s version that is %s becomes %s', (from, step, to) => {
  expect(nextVersionState(from, step)).toBe(to);
});

test('the table has every state', () => {
  for (const each of VERSION_STATES) expect(table.filter(([from]) => from === each)).toHaveLength(4);
});

test('an approved version is published and speaks; only a pending one can be approved or rejected', () => {
  const state = stateWith(version('v1'), version('v2'));
  expect(deployed(approve(state, 'v1'))).toMatchObject([
    { parameterVersion: 'v1', symbols: ['BTCUSDT', 'ETHUSDT'], deployedBy: 'kim', rollbackOf: null },
  ]);
  expect(stateOf(state, 'v1')).toBe('deployed');
  expect(code(approve(state, 'v1'))).toBe('PARAMETER_VERSION_NOT_PENDING');
  const rejection = { parameterVersion: 'v2', by: 'kim', reason: 'too few trades' };
  expect(rejectVersion(state, rejection, input).kind).toBe('done');
  expect(state.versions.get('v2')).toMatchObject({ state: 'rejected', reason: 'too few trades' });
  expect(code(approve(state, 'v2'))).toBe('PARAMETER_VERSION_NOT_PENDING');
  expect(code(rejectVersion(state, { ...rejection, parameterVersion: 'v1' }, input))).toBe(
    'PARAMETER_VERSION_NOT_PENDING',
  );
  expect(code(approve(state, 'v9'))).toBe('PARAMETER_VERSION_UNKNOWN');
});

test('an approval can be bound to the report that was read', () => {
  const state = stateWith(version('v1'));
  expect(code(approve(state, 'v1', 'd'.repeat(64)))).toBe('REPORT_DIFFERS');
  expect(stateOf(state, 'v1')).toBe('pending');
  expect(approve(state, 'v1', 'c'.repeat(64)).kind).toBe('done');
});

test('a newer version supersedes; rolled back, the earlier one speaks again, and then the configuration', () => {
  const state = stateWith(version('v1'), version('v2'));
  approve(state, 'v1');
  approve(state, 'v2');
  expect([stateOf(state, 'v1'), stateOf(state, 'v2')]).toEqual(['superseded', 'deployed']);
  expect(deployed(roll(state, ['BTCUSDT', 'ETHUSDT']))).toMatchObject([
    { parameterVersion: 'v1', rollbackOf: 'v2', symbols: ['BTCUSDT', 'ETHUSDT'] },
  ]);
  expect([stateOf(state, 'v1'), stateOf(state, 'v2')]).toEqual(['deployed', 'superseded']);
  const back = deployed(roll(state, ['BTCUSDT', 'ETHUSDT']));
  // Each symbol has a line of its own in the configuration.
  expect(back.map(({ symbols, rollbackOf }) => [symbols, rollbackOf])).toEqual([
    [['BTCUSDT'], 'v1'],
    [['ETHUSDT'], 'v1'],
  ]);
  expect(back[0]?.parameterVersion).toMatch(/^configured-ema-cross-[0-9a-f]{12}$/);
  expect(back[0]?.parameters).toEqual(configurationOf().assignments[0]?.parameters);
  expect(stateOf(state, 'v1')).toBe('superseded');
  expect(code(roll(state, ['BTCUSDT']))).toBe('NOTHING_TO_ROLL_BACK');
});

test('a version stays deployed as long as it speaks for a symbol', () => {
  const state = stateWith(version('v1'), version('v2', ['BTCUSDT']), version('v3', ['ETHUSDT']));
  approve(state, 'v1');
  approve(state, 'v2');
  expect([stateOf(state, 'v1'), stateOf(state, 'v2')]).toEqual(['deployed', 'deployed']);
  approve(state, 'v3');
  expect(stateOf(state, 'v1')).toBe('superseded');
  // Two versions are taken off; the one below both speaks again.
  const lines = deployed(roll(state, ['BTCUSDT', 'ETHUSDT']));
  expect(lines.map(({ parameterVersion, rollbackOf }) => [parameterVersion, rollbackOf])).toEqual([
    ['v1', 'v2'],
    ['v1', 'v3'],
  ]);
  expect(['v1', 'v2', 'v3'].map((id) => stateOf(state, id))).toEqual([
    ...['deployed', 'superseded', 'superseded'],
  ]);
});

test('a rollback names the strategy that it means', () => {
  const state = stateWith(version('v1'));
  approve(state, 'v1');
  expect(code(roll(state, ['BTCUSDT'], 'bollinger-rsi'))).toBe('NOTHING_TO_ROLL_BACK');
  expect(stateOf(state, 'v1')).toBe('deployed');
});
