import { describe, expect, it } from 'vitest';
import type { IdempotencyStore } from './index.ts';

export interface StoreUnderTest {
  readonly store: IdempotencyStore;
  /** Makes everything kept older. */
  readonly pass: (ms: number) => Promise<void>;
}

const TIMES = { leaseMs: 60_000, retentionMs: 3_600_000 };

/** What every idempotency store does; run for the one in memory and the one in Postgres. */
export function idempotencyContract(
  name: string,
  open: (times: typeof TIMES) => Promise<StoreUnderTest>,
): void {
  describe(`idempotency store: ${name}`, () => {
    const begun = async (): Promise<StoreUnderTest> => {
      const opened = await open(TIMES);
      expect(await opened.store.begin('k', 'f')).toEqual({ state: 'new' });
      return opened;
    };

    it('is in progress until it is finished, then gives the answer', async () => {
      const { store } = await begun();
      expect(await store.begin('k', 'f')).toEqual({ state: 'in-progress' });
      await store.finish('k', { status: 201, body: '{"a":1}' });
      expect(await store.begin('k', 'f')).toEqual({ state: 'done', status: 201, body: '{"a":1}' });
    });

    it('keeps an answer without a body', async () => {
      const { store } = await begun();
      await store.finish('k', { status: 204 });
      expect(await store.begin('k', 'f')).toEqual({ state: 'done', status: 204 });
    });

    it('refuses another request, running or done', async () => {
      const { store } = await begun();
      expect(await store.begin('k', 'g')).toEqual({ state: 'conflict' });
      await store.finish('k', { status: 200 });
      expect(await store.begin('k', 'g')).toEqual({ state: 'conflict' });
    });

    it('tells keys apart', async () => {
      const { store } = await begun();
      expect(await store.begin('l', 'f')).toEqual({ state: 'new' });
    });

    it('is interrupted when the lease has passed without an answer', async () => {
      const { store, pass } = await begun();
      await pass(TIMES.leaseMs + 1);
      expect(await store.begin('k', 'f')).toEqual({ state: 'interrupted' });
    });

    it('gives the answer of a slow request also after the lease', async () => {
      const { store, pass } = await begun();
      await pass(TIMES.leaseMs + 1);
      await store.finish('k', { status: 200, body: '1' });
      expect(await store.begin('k', 'f')).toEqual({ state: 'done', status: 200, body: '1' });
    });

    it('is new again when it was abandoned', async () => {
      const { store } = await begun();
      await store.abandon('k');
      expect(await store.begin('k', 'g')).toEqual({ state: 'new' });
    });

    it('forgets after the retention', async () => {
      const { store, pass } = await begun();
      await store.finish('k', { status: 200, body: '1' });
      await pass(TIMES.retentionMs + 1);
      expect(await store.begin('k', 'g')).toEqual({ state: 'new' });
      expect(await store.begin('k', 'g')).toEqual({ state: 'in-progress' });
    });

    it('lets exactly one of many begin', async () => {
      const { store } = await open(TIMES);
      const states = await Promise.all(
        Array.from({ length: 20 }, async () => (await store.begin('race', 'f')).state),
      );
      expect(states.filter((state) => state === 'new')).toHaveLength(1);
      expect(states.filter((state) => state === 'in-progress')).toHaveLength(19);
    });
  });
}
