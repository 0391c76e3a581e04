import { describe, expect, test } from 'vitest';
import { delivery, routing } from '../../test/builders.ts';
import type { Attempted } from '../notifying/inputs.ts';
import type { Delivery } from '../notifying/notify-state.ts';
import { Dispatcher, type Settle } from './dispatcher.ts';
import type { PostResult } from './slack-poster.ts';

const retry: PostResult = { kind: 'retry', error: 'HTTP 503', afterMs: null, needsPerson: false };
const sent: PostResult = { kind: 'sent', ts: '1.1', channel: 'C1' };

/** A dispatcher whose posts are answered by the test, and whose waits end when the test says so. */
function bench() {
  const posts: { delivery: Delivery; answer: (result: PostResult) => void }[] = [];
  const waits: { ms: number; over: () => void }[] = [];
  const settled: Attempted[] = [];
  const clock = { now: 0 };
  const dispatcher = new Dispatcher({
    post: (owed) =>
      new Promise((resolve) => {
        posts.push({ delivery: owed, answer: resolve });
      }),
    delivery: routing.delivery,
    wall: () => clock.now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        waits.push({ ms, over: resolve });
      }),
    random: () => 1,
    onAttempt: () => undefined,
    onSettleFailed: () => undefined,
  });
  const settle: Settle = async (attempted) => {
    settled.push(attempted);
  };
  return { dispatcher, posts, waits, settled, settle, clock };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const ids = (posts: readonly { delivery: Delivery }[]) => posts.map((post) => post.delivery.id);

test('one at a time and in order of position per channel, channels side by side', async () => {
  const { dispatcher, posts, settled, settle } = bench();
  dispatcher.take(
    [
      delivery({ id: 'b', position: 2 }),
      delivery({ id: 'a', position: 1 }),
      delivery({ id: 'c', position: 3, channel: '#critical' }),
    ],
    settle,
  );
  await turn();
  expect(ids(posts)).toEqual(['a', 'c']);
  posts[0]?.answer(sent);
  await turn();
  expect(ids(posts)).toEqual(['a', 'c', 'b']);
  expect(settled).toEqual([
    { deliveryId: 'a', attempts: 1, status: 'sent', error: null, slackTs: '1.1', slackChannel: 'C1' },
  ]);
});

test('a failed attempt is booked, waits, and holds back its channel alone', async () => {
  const { dispatcher, posts, waits, settled, settle } = bench();
  dispatcher.take([delivery({ id: 'a', attempts: 2 }), delivery({ id: 'b', position: 2 })], settle);
  await turn();
  posts[0]?.answer(retry);
  await turn();
  expect(settled).toMatchObject([{ deliveryId: 'a', attempts: 3, status: 'pending', error: 'HTTP 503' }]);
  expect(waits.map(({ ms }) => ms)).toEqual([4_000]);
  expect(ids(posts)).toEqual(['a']);
  waits[0]?.over();
  await turn();
  expect(ids(posts)).toEqual(['a', 'a']);
});

test('a refused message makes way for the next', async () => {
  const { dispatcher, posts, settled, settle } = bench();
  dispatcher.take([delivery({ id: 'a' }), delivery({ id: 'b', position: 2 })], settle);
  await turn();
  posts[0]?.answer({ kind: 'refused', error: 'msg_too_long' });
  await turn();
  expect(settled).toMatchObject([{ deliveryId: 'a', status: 'failed', error: 'msg_too_long' }]);
  expect(ids(posts)).toEqual(['a', 'b']);
});

test('what is older than it may be is booked as expired and not posted', async () => {
  const { dispatcher, posts, settled, settle, clock } = bench();
  clock.now = 24 * 3_600_000 + 1;
  dispatcher.take([delivery({ id: 'a' })], settle);
  await turn();
  expect(posts).toEqual([]);
  expect(settled).toMatchObject([{ deliveryId: 'a', status: 'expired' }]);
});

test('the same delivery is not queued twice, and without a lease nothing is sent', async () => {
  const { dispatcher, posts, settle } = bench();
  dispatcher.enqueue(delivery({ id: 'early' }));
  dispatcher.take([delivery({ id: 'a' })], settle);
  dispatcher.enqueue(delivery({ id: 'a' }));
  await turn();
  posts[0]?.answer(sent);
  await turn();
  expect(ids(posts)).toEqual(['a']);
});

describe('changes of the lease', () => {
  test('a post under way is booked by the next tenure, not repeated', async () => {
    const { dispatcher, posts, settled, settle } = bench();
    const lost: Settle = () => Promise.reject(new Error('the lease is gone'));
    dispatcher.take([delivery({ id: 'a' })], lost);
    await turn();
    dispatcher.release();
    dispatcher.take([delivery({ id: 'a' })], settle);
    posts[0]?.answer(sent);
    await turn();
    expect(ids(posts)).toEqual(['a']);
    expect(settled).toMatchObject([{ deliveryId: 'a', status: 'sent' }]);
  });

  test('an outcome that cannot be booked is booked again, the message not posted again', async () => {
    const { dispatcher, posts, waits, settled } = bench();
    let away = true;
    dispatcher.take([delivery({ id: 'a' })], async (attempted) => {
      if (away) throw new Error('Postgres is away');
      settled.push(attempted);
    });
    await turn();
    posts[0]?.answer(sent);
    await turn();
    away = false;
    waits[0]?.over();
    await turn();
    expect(settled).toMatchObject([{ deliveryId: 'a', status: 'sent' }]);
    expect(posts).toHaveLength(1);
  });

  test('released while it waits, it sends nothing more', async () => {
    const { dispatcher, posts, waits, settle } = bench();
    dispatcher.take([delivery({ id: 'a' })], settle);
    await turn();
    posts[0]?.answer(retry);
    await turn();
    dispatcher.release();
    waits[0]?.over();
    await turn();
    expect(posts).toHaveLength(1);
    expect(dispatcher.waiting).toBe(0);
  });

  test('finish books what is under way and begins nothing', async () => {
    const { dispatcher, posts, settled, settle } = bench();
    dispatcher.take([delivery({ id: 'a' }), delivery({ id: 'b', position: 2 })], settle);
    await turn();
    const finished = dispatcher.finish();
    posts[0]?.answer(sent);
    await finished;
    expect(settled).toMatchObject([{ deliveryId: 'a', status: 'sent' }]);
    expect(ids(posts)).toEqual(['a']);
  });

  test('finish gives up on a post that is never answered', async () => {
    const { dispatcher, posts, waits, settled, settle } = bench();
    dispatcher.take([delivery({ id: 'a' })], settle);
    await turn();
    const finished = dispatcher.finish();
    waits[0]?.over();
    await finished;
    expect(posts).toHaveLength(1);
    expect(settled).toEqual([]);
  });

  test('finish does not sit out a wait', async () => {
    const { dispatcher, posts, settle } = bench();
    dispatcher.take([delivery({ id: 'a' })], settle);
    await turn();
    posts[0]?.answer({ ...retry, afterMs: 3_600_000 } as PostResult);
    await turn();
    await dispatcher.finish();
    expect(posts).toHaveLength(1);
  });
});
