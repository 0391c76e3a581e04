import { verify } from 'node:crypto';
import type { OrderAuthorised } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import type { NewEvent } from '@fleet/shared/streams';
import { BOTH, MINUTE, START } from '@fleet/testkit/account-events';
import { type RunningService, serviceScene, until } from '@fleet/testkit/services';
import { applyWrites } from '@fleet/testkit/tables';
import { expect, test } from 'vitest';
import {
  bar,
  configuration,
  dayOpened,
  feed,
  KEYS,
  proposal,
  RUN,
  snapshot,
  tradingState,
} from '../test/inputs.ts';
import { PROGRAM } from '../test/program.ts';
import { Story } from '../test/story.ts';
import { createState } from './order-check/state.ts';
import { loadState, stateRows } from './order-check/state-store.ts';

const { database, start, write, said } = await serviceScene(PROGRAM, { emptied: true });

const plain = (events: readonly NewEvent[]) => events.map(({ type, data }) => ({ type, data }));

test('a state that was stored and loaded again, at any moment, decides the same to the last digit', async () => {
  for (const seed of [5, 7, 13]) {
    const story = new Story(seed);
    const run = `${RUN}-${seed}`;
    const whole = createState(run, configuration);
    let restored = createState(run, configuration);
    for (let minute = 0; minute < 60; minute += 1) {
      const events = story.next();
      for (const event of events) {
        const expected = feed(whole, event);
        expect(plain(feed(restored, event))).toEqual(plain(expected));
        story.take(expected);
      }
      await applyWrites(database.pool, stateRows(restored));
      restored = await loadState(database.pool, run, configuration);
      expect(restored.risk.forgottenUntil).toBe(whole.risk.forgottenUntil);
    }
    expect(whole.risk.decisions.size).toBeGreaterThan(20);
    whole.changes = restored.changes;
    expect([...restored.risk.reservations]).toEqual([...whole.risk.reservations]);
    expect([...restored.risk.decisions]).toEqual([...whole.risk.decisions]);
    expect(restored.protections).toEqual(whole.protections);
    expect(restored.risk.market).toEqual(whole.risk.market);
  }
});

const count = async (stream: string) => (await said(stream)).length;

/** Until the service has applied all that the story has told it, and has answered so often. */
async function applied(service: RunningService, story: Story, answers: number): Promise<void> {
  await until(async () => {
    const { execSequence, stateEpoch } = await service.status();
    return execSequence === story.sequence && stateEpoch === story.epoch;
  });
  await until(async () => (await count('risk.responses')) >= answers);
}

test('kill -9 in the middle loses nothing and doubles nothing: the answers are those of an undisturbed run', async () => {
  const story = new Story(13);
  const state = createState(RUN, configuration);
  const expected: NewEvent[] = [];
  let service = await start();
  for (let minute = 0; minute < 30; minute += 1) {
    const events = story.next();
    for (const event of events) {
      const answers = feed(state, event);
      expected.push(...answers);
      story.take(answers);
    }
    await write(events);
    if (minute % 10 === 5) {
      // Perhaps half done, and the process is gone; its publishers say the same once more.
      await service.process.kill();
      await write(events);
      service = await start();
    }
    await applied(service, story, expected.filter(({ type }) => type !== 'order.authorised').length);
  }
  const orders = await said('exec.orders');
  expect(orders).toEqual(plain(expected.filter(({ type }) => type === 'order.authorised')));
  expect(orders.length).toBeGreaterThan(10);
  expect(await said('risk.responses')).toEqual(
    plain(expected.filter(({ type }) => type !== 'order.authorised')),
  );
  for (const { data } of orders) {
    const { order, signature } = data as OrderAuthorised;
    const text = Buffer.from(canonicalOrder(order), 'utf8');
    expect(verify(null, text, KEYS.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  }
});

const beginning = () => [
  tradingState(1),
  dayOpened(),
  snapshot(1),
  ...BOTH.map((symbol) => bar(START, symbol)),
];

test('what a proposal names is waited for, whatever stream it comes by and when; what never comes is denied', async () => {
  const service = await start();
  const later = proposal({ barTime: START + MINUTE, decidedAt: START + MINUTE, stateEpoch: 2 });
  await write([later, ...beginning()]);
  await until(async () => (await service.status())['completeSet'] === START);
  expect(await count('risk.responses')).toBe(0);
  await write([...BOTH.map((symbol) => bar(START + MINUTE, symbol)), tradingState(2)]);
  await until(async () => (await count('risk.responses')) === 1);
  await write([proposal({ sequence: 1, day: '2024-08-09' })]);
  await until(async () => (await count('risk.responses')) === 2);
  const [approved, denied] = await said('risk.responses');
  expect(approved).toMatchObject({ type: 'order.approved' });
  expect(denied).toMatchObject({ type: 'order.denied', data: { code: 'PROPOSAL_EXPIRED' } });
});

test('two proposals at once cannot spend one limit twice', async () => {
  await start();
  const wanted = [0, 1, 2].map((sequence) => proposal({ quantity: '30', stopDistance: '1', sequence }));
  await write([...beginning(), ...wanted]);
  await until(async () => (await count('risk.responses')) === 3);
  const quantities = (await said('exec.orders')).map(({ data }) => (data as OrderAuthorised).order.quantity);
  // A position of at most 4,500 at 100.
  expect(quantities).toEqual(['30', '15']);
});

test('the routes: limits, decisions, exposure, and a dry run that changes nothing', async () => {
  const service = await start();
  await write([...beginning(), proposal()]);
  await until(async () => (await count('risk.responses')) === 1);
  const before = await service.status();
  const dry = { symbol: 'BTCUSDT', side: 'buy', quantity: '60', stopDistance: '1' };
  for (let i = 0; i < 3; i += 1) {
    const { status, body } = await service.post('/risk/evaluate', dry);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ outcome: 'approved', code: 'POSITION_ABOVE_LIMIT', quantity: '35' }),
    ]);
  }
  const nobody = await service.post('/risk/evaluate', { ...dry, symbol: 'ADAUSDT' });
  expect(nobody.body).toMatchObject({ outcome: 'denied', code: 'SYMBOL_UNKNOWN' });
  expect((await service.post('/risk/evaluate', { ...dry, quantity: '-1' })).status).toBe(400);
  expect(await service.status()).toMatchObject({ reservations: before['reservations'] });
  expect(await count('exec.orders')).toBe(1);

  const limits = await service.get('/risk/limits');
  expect(limits.body).toMatchObject({ orderNotionalMax: 5_000, lossCapPct: 2 });
  const decisions = (await service.get('/risk/decisions?symbol=BTCUSDT&outcome=approved')).body;
  expect(decisions).toMatchObject({ decisions: [{ approvedQuantity: '10', side: 'buy' }] });
  expect((await service.get('/risk/decisions?outcome=denied')).body).toEqual({ decisions: [] });
  const exposure = (await service.get('/risk/exposure')).body;
  expect(exposure).toMatchObject({
    equity: 10_000,
    dayLoss: 0,
    lossCap: 200,
    symbols: [
      { symbol: 'BTCUSDT', reservedQuantity: '10' },
      { symbol: 'ETHUSDT', reservedQuantity: '0' },
    ],
  });
});
