import { describe, expect, test } from 'vitest';
import { type Item, itemOfEntry, itemOfLocal } from './item.ts';
import { ItemQueue } from './item-queue.ts';
import { type Planning, planBatch } from './planner.ts';
import type { DecideContext, Decided, Input } from './processor.ts';
import { type Deposit, depositFields, ledgerCatalog, RUN } from './testing/ledger.ts';

const done: Decided = { kind: 'done' };

function entry(account: string, deposit: Deposit): Item {
  const fields = depositFields('deposit.made', account, deposit);
  const raw = { stream: 'test.in', entryId: `${deposit.n}-0`, fields, suspect: false };
  return itemOfEntry(raw, { run: RUN, catalog: ledgerCatalog, handles: new Set(['deposit.made']) });
}

function queueOf(name: string, ...items: Item[]): ItemQueue {
  const queue = new ItemQueue(name);
  for (const item of items) queue.push(item);
  return queue;
}

function planning(
  decide: (input: Input, context: DecideContext) => Decided,
  more: Partial<Planning> = {},
): Planning {
  return {
    decide,
    writer: { catalog: ledgerCatalog, run: RUN, source: 'x', group: 'x', partition: 1, partitions: 3 },
    batchMax: 10,
    maxFailures: 2,
    joinWaitMs: 100,
    lockstep: false,
    wallNow: 1_000,
    monotonicNow: 5_000,
    nextSeq: 8,
    isHeld: () => false,
    ...more,
  };
}

describe('events', () => {
  const event = (type: string, key = 'BTC') => ({ type, key, ts: '2024-01-01T00:00:00Z', data: { n: 1 } });

  test('each gets a seq, an id from its cause and the partition of its stream', () => {
    const events = [event('deposit.booked'), event('price.seen'), event('ledger.closed')];
    const batch = planBatch(
      [queueOf('s', entry('a', { n: 1 }))],
      planning(() => ({ kind: 'done', events })),
    );
    expect(batch.outbox.map(({ seq, stream, target }) => [seq, stream, target])).toEqual([
      [8, 'test.out', 1],
      [9, 'test.prices', expect.toSatisfy((target: number) => target >= 0 && target < 3)],
      [10, 'test.commands', 0],
      [11, 'test.commands', 1],
      [12, 'test.commands', 2],
    ]);
    expect(new Set(batch.outbox.map(({ eventId }) => eventId)).size).toBe(3);
    expect(batch.outbox[0]?.fields).toContain(batch.inbox[0]);
  });

  test.each([
    ['an unknown type', { ...event('never.heard') }, /not in the catalog/],
    ['data that its schema refuses', { ...event('deposit.booked'), data: {} }, /data.n must be a number/],
  ])('%s spoils the batch: the state has changed already', (_, bad, message) => {
    const batch = planBatch(
      [queueOf('s', entry('a', { n: 1 }))],
      planning(() => ({ kind: 'done', events: [bad] })),
    );
    expect(batch.failure).toMatchObject({ stateSpoilt: true, error: { code: 'EVENT_REFUSED' } });
    expect(batch.failure?.error.message).toMatch(message);
    expect(batch.items).toBe(0);
  });
});

describe('repetitions', () => {
  test('an id twice in a batch is decided once and taken twice', () => {
    let decided = 0;
    const batch = planBatch(
      [queueOf('s', entry('a', { n: 1 }), entry('a', { n: 1 }))],
      planning(() => {
        decided += 1;
        return done;
      }),
    );
    expect([decided, batch.items, batch.inbox.length]).toEqual([1, 2, 1]);
  });

  test('a submitted repetition gets the answer of the first, after the commit', async () => {
    const local = { id: 'x', type: 't', key: 'k', ts: 'now', data: null };
    const answers: Promise<unknown>[] = [];
    const queue = new ItemQueue('local');
    for (let i = 0; i < 2; i += 1) {
      answers.push(new Promise((resolve, reject) => queue.push(itemOfLocal(local, { resolve, reject }))));
    }
    const batch = planBatch(
      [queue],
      planning(() => ({ kind: 'done', result: 42 })),
    );
    for (const reply of batch.replies) reply();
    expect(await Promise.all(answers)).toEqual([42, 42]);
  });
});

describe('waiting', () => {
  const waiting = (input: Input, context: DecideContext): Decided =>
    (input.data as Deposit).afterPrice === undefined || context.waitExpired
      ? done
      : { kind: 'wait', for: 'a price' };

  test('holds the rest of its stream and not the others', () => {
    const first = queueOf('first', entry('a', { n: 1, afterPrice: 1 }), entry('b', { n: 2 }));
    const second = queueOf('second', entry('c', { n: 3 }));
    const batch = planBatch([first, second], planning(waiting));
    expect([...batch.taken]).toEqual([[second, 1]]);
    expect(first.blockedFor).toBe('a price');
    expect(first.at(0)?.waitingSince).toBe(5_000);
  });

  test.each([
    ['expires after joinWaitMs', 5_100, false, 1],
    ['not before', 5_099, false, 0],
    ['never in lock-step', 9_999, true, 0],
  ])('%s', (_, monotonicNow, lockstep, items) => {
    const queue = queueOf('s', entry('a', { n: 1, afterPrice: 1 }));
    planBatch([queue], planning(waiting, { lockstep }));
    expect(planBatch([queue], planning(waiting, { monotonicNow, lockstep })).items).toBe(items);
  });
});

describe('failing', () => {
  const refuse = (input: Input): Decided =>
    (input.data as Deposit).fault === undefined ? done : { kind: 'reject', error: new Error('no') };

  test('ends the batch before the entry; after maxFailures it is parked and its key held', () => {
    const bad = entry('a', { n: 1, fault: 'x' });
    const queue = queueOf('s', entry('b', { n: 5 }), bad, entry('a', { n: 2 }), entry('c', { n: 3 }));
    const first = planBatch([queue], planning(refuse));
    expect(first).toMatchObject({ items: 1, failure: { stateSpoilt: false } });
    queue.shift(1);
    const second = planBatch([queue], planning(refuse));
    expect(second.failure).toBeNull();
    expect(second.parked.map(({ item, error }) => [item.key, (error as { code?: string }).code])).toEqual([
      ['a', undefined],
      ['a', 'KEY_HELD'],
    ]);
    expect(second.items).toBe(3);
    expect(second.outbox.map(({ stream }) => stream)).toEqual(['test.in.dlq', 'test.in.dlq']);
    expect(bad.attempts).toBe(2);
  });

  test('a throw spoils the state: nothing of the batch may be written', () => {
    const explode = (input: Input): Decided => {
      if (input.key === 'a') throw new Error('half done');
      return done;
    };
    const batch = planBatch([queueOf('s', entry('b', { n: 5 }), entry('a', { n: 1 }))], planning(explode));
    expect(batch.failure).toMatchObject({ stateSpoilt: true });
  });

  test('infrastructure is no fault of the entry: no attempt is counted', () => {
    const item = entry('a', { n: 1 });
    const error = Object.assign(new Error('deadlock'), { code: '40P01' });
    for (let i = 0; i < 9; i += 1) {
      expect(
        planBatch(
          [queueOf('s', item)],
          planning(() => ({ kind: 'reject', error })),
        ).failure,
      ).not.toBeNull();
    }
    expect([item.attempts, item.tries]).toEqual([0, 9]);
  });

  test('a submitted input that is refused is answered and nothing is parked', async () => {
    const queue = new ItemQueue('local');
    const answer = new Promise((resolve, reject) => {
      queue.push(
        itemOfLocal(
          { id: 'x', type: 't', key: 'k', ts: 'now', data: { n: 1, fault: 'x' } },
          { resolve, reject },
        ),
      );
    });
    const batch = planBatch([queue], planning(refuse));
    for (const reply of batch.replies) reply();
    await expect(answer).rejects.toThrow('no');
    expect([batch.items, batch.parked.length, batch.inbox.length]).toEqual([1, 0, 0]);
  });

  test('what cannot be read is parked without being decided', () => {
    const fields = depositFields('deposit.made', 'a', { n: 'x' } as never);
    const reading = { run: RUN, catalog: ledgerCatalog, handles: new Set(['deposit.made']) };
    const item = itemOfEntry({ stream: 'test.in', entryId: '1-0', fields, suspect: false }, reading);
    const batch = planBatch(
      [queueOf('s', item)],
      planning(() => expect.fail('must not be decided')),
    );
    expect(batch.parked).toMatchObject([{ error: { code: 'ENTRY_UNREADABLE' } }]);
  });
});
