import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Item, itemOfEntry } from './item.ts';
import { ItemQueue } from './item-queue.ts';
import { type Planning, planBatch } from './planner.ts';
import { depositFields, ledgerCatalog, RUN } from './testing/ledger.ts';

/** Each entry of stream s may need that `needs` entries of the other streams were decided before. */
const scripts = fc.array(
  fc.array(fc.record({ needs: fc.nat(12), account: fc.constantFrom('a', 'b', 'c') }), { maxLength: 20 }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

function queuesOf(streams: readonly (readonly { needs: number; account: string }[])[]): ItemQueue[] {
  let n = 0;
  return streams.map((entries, s) => {
    const queue = new ItemQueue(`test.in:{${s}}`);
    for (const { needs, account } of entries) {
      n += 1;
      const fields = depositFields('deposit.made', `${account}${s}`, { n, afterPrice: needs });
      const raw = { stream: 'test.in', entryId: `${n}-0`, fields, suspect: false };
      queue.push(itemOfEntry(raw, { run: RUN, catalog: ledgerCatalog, handles: new Set(['deposit.made']) }));
    }
    return queue;
  });
}

function place(item: Item | undefined): number {
  return Number(item?.entryId?.split('-')[0]);
}

test('entries are decided in the order of their stream, never past one that waits, and none that could go is left', () => {
  fc.assert(
    fc.property(scripts, fc.integer({ min: 1, max: 30 }), (streams, batchMax) => {
      const queues = queuesOf(streams);
      const decided: { key: string; n: number }[] = [];
      const seenBy = new Map<string, number>();
      const planning: Planning = {
        decide: (input) => {
          const { n, afterPrice = 0 } = input.data as { n: number; afterPrice?: number };
          const stream = input.key.slice(1);
          const others = decided.length - (seenBy.get(stream) ?? 0);
          if (others < afterPrice) return { kind: 'wait', for: `${afterPrice} others` };
          decided.push({ key: stream, n });
          seenBy.set(stream, (seenBy.get(stream) ?? 0) + 1);
          return { kind: 'done' };
        },
        writer: { catalog: ledgerCatalog, run: RUN, source: 'x', group: 'x', partition: 0, partitions: 1 },
        batchMax,
        maxFailures: 5,
        joinWaitMs: 1,
        lockstep: true,
        wallNow: 0,
        monotonicNow: 0,
        nextSeq: 1,
        isHeld: () => false,
      };
      for (;;) {
        const batch = planBatch(queues, planning);
        expect(batch.items).toBeLessThanOrEqual(batchMax);
        expect([...batch.taken.values()].reduce((sum, count) => sum + count, 0)).toBe(batch.items);
        expect(batch.inbox).toHaveLength(batch.items);
        if (batch.items === 0) break;
        for (const [queue, count] of batch.taken) queue.shift(count);
      }
      for (const stream of new Set(decided.map(({ key }) => key))) {
        const numbers = decided.filter(({ key }) => key === stream).map(({ n }) => n);
        expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
      }
      for (const [s, queue] of queues.entries()) {
        const head = queue.at(0);
        if (head === undefined) continue;
        const others = decided.length - (seenBy.get(String(s)) ?? 0);
        expect(others).toBeLessThan(streams.flat()[place(head) - 1]?.needs ?? 0);
        expect(queue.blockedFor).toMatch(/others/);
      }
    }),
  );
});
