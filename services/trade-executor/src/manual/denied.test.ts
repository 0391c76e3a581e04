import { describe, expect, it } from 'vitest';
import { DeskScene, RUN } from '../../test/desk-scene.ts';
import { MemoryTables } from '../../test/memory-tables.ts';
import { FROM, MINUTE } from '../../test/script.ts';
import { loadExecutor } from '../book/load.ts';
import { executorRows } from '../book/rows.ts';
import type { ExecutorState } from '../book/state.ts';
import type { ManualProposed, ManualRequest } from './decide.ts';

const request: ManualRequest = {
  ...{ id: 'a'.repeat(32), symbol: 'BTCUSDT', side: 'buy', type: 'market', quantity: '1', limitPrice: null },
  ...{ stopDistance: null, reason: 'by hand', referencePrice: '100', barTime: FROM, day: '2024-08-01' },
  ...{ decidedAt: FROM + MINUTE, validForMs: MINUTE },
};

function proposed(scene: DeskScene): ManualProposed {
  const decided = scene.local('manual.asked', request);
  return (decided as { result: ManualProposed }).result;
}

function deny(scene: DeskScene, proposalId: string, code = 'POSITION_ABOVE_LIMIT'): readonly object[] {
  const message = `${code} held=1`;
  const before = scene.said.length;
  const data = { proposalId, cycleId: 'c', symbol: 'BTCUSDT', code, figures: {}, message };
  expect(scene.stream('order.denied', data)).toMatchObject({ kind: 'done' });
  return scene.said.slice(before);
}

function written(tables: MemoryTables, state: ExecutorState): readonly string[] {
  const writes = executorRows(state);
  tables.write(writes);
  return writes.map(({ table }) => table);
}

describe('a denial', () => {
  it('ends the manual order as DENIED, stored with code and words, and is said to nobody', () => {
    const scene = new DeskScene();
    const tables = new MemoryTables();
    const { proposalId, clientOrderId } = proposed(scene);
    written(tables, scene.state);
    expect(tables.rows('orders')).toMatchObject([{ client_order_id: clientOrderId, state: 'PROPOSED' }]);
    expect(deny(scene, proposalId)).toEqual([]);
    expect(written(tables, scene.state)).toEqual(['execution.orders', 'execution.denials']);
    expect(tables.rows('orders')).toMatchObject([{ state: 'DENIED', request_id: 'request' }]);
    expect(tables.rows('denials')).toMatchObject([
      {
        run: RUN,
        client_order_id: clientOrderId,
        code: 'POSITION_ABOVE_LIMIT',
        message: 'POSITION_ABOVE_LIMIT held=1',
      },
    ]);
    deny(scene, proposalId, 'DAILY_LOSS_CAP');
    expect(written(tables, scene.state)).toEqual([]);
  });

  it('finds the manual order after a restart too', async () => {
    const scene = new DeskScene();
    const tables = new MemoryTables();
    const { proposalId } = proposed(scene);
    written(tables, scene.state);
    const loaded = await loadExecutor(tables.db, scene.state.scope);
    expect([...loaded.proposed.keys()]).toEqual([proposalId]);
    expect(loaded.proposed.get(proposalId)?.trace).toEqual({ traceparent: '', requestId: 'request' });
    expect(loaded.desk.orders.size).toBe(0);
  });

  it('of another’s proposal changes and writes nothing', () => {
    const scene = new DeskScene();
    const tables = new MemoryTables();
    proposed(scene);
    written(tables, scene.state);
    expect(deny(scene, 'f'.repeat(64))).toEqual([]);
    expect(written(tables, scene.state)).toEqual([]);
  });

  it('of a conflict leaves the proposal alone, and one that was authorised cannot be denied', () => {
    const scene = new DeskScene();
    const tables = new MemoryTables();
    const { proposalId, clientOrderId } = proposed(scene);
    written(tables, scene.state);
    deny(scene, proposalId, 'PROPOSAL_CONFLICT');
    expect(written(tables, scene.state)).toEqual([]);
    scene.authorise(scene.order({}, { proposalId, clientOrderId, purpose: 'manual' }));
    deny(scene, proposalId);
    written(tables, scene.state);
    expect(tables.rows('orders')).toMatchObject([{ state: 'SUBMITTING' }]);
    expect(tables.rows('denials')).toEqual([]);
  });
});
