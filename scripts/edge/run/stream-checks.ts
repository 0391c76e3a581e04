import { setTimeout as sleep } from 'node:timers/promises';
import type { Checklist } from '../../compose/checklist.ts';
import { until } from '../../compose/until.ts';
import { type OpenRequest, openRequest } from '../client/open-request.ts';
import { secretOf } from '../stand/edge-stand.ts';
import { call, expectTold } from './client.ts';
import { ordersReady } from './outage-checks.ts';
import type { Running } from './run-cases.ts';
import { release, streamer, untilHeld } from './streamer.ts';

const EVENTS = '/api/orchestrator/events';
const STATUS = '/api/orchestrator/status';
/** A little longer than `readTimeout` of traefik.yml. */
const LONG_MS = 17_000;
const STUCK_MS_MAX = 60_000;

/** What the orchestrator itself tells comes out of the edge when it is told, not when the answer ends. */
export async function checkLiveEvents(list: Checklist, running: Running): Promise<void> {
  await list.check('events.live: an event of the orchestrator passes while its answer goes on', async () => {
    const { stand, people } = running;
    const anna = await people.cookie('anna');
    await ordersReady(running);
    const session = people.sessionOf(await people.signIn('vera'));
    const events = openRequest(stand, { host: 'app', path: EVENTS, headers: { Cookie: session } });
    try {
      await events.until('retry: ');
      for (const order of ['reduce', 'unhalt']) {
        const answer = await call(stand, {
          ...{ host: 'admin', path: `/api/orchestrator/admin/orchestrate/${order}`, method: 'POST' },
          ...{ certificate: 'anna', body: '{"reason":"edge test"}' },
          headers: [`Cookie: ${anna}`, `X-Admin-Token: ${secretOf(stand, 'admin_token')}`],
        });
        expectTold(order, answer, 200);
      }
      await events.until('"mode":"ACTIVE"');
      if (events.ended) throw new Error('the answer has ended');
      return `${events.text.split('event: ').length - 1} events before the end`;
    } finally {
      events.close();
    }
  });
}

/** The same two pieces by /events and by a route that reads its answers whole; the streamer stands for the orchestrator. */
export async function checkStreams(list: Checklist, running: Running): Promise<void> {
  const { stand, people, signal } = running;
  const open = async (path: string, unread?: true): Promise<OpenRequest> => {
    const headers = { Cookie: await people.cookie('vera') };
    return openRequest(stand, { host: 'app', path, headers, ...(unread ? { unread } : {}) });
  };
  const began = performance.now();
  const long = await open(`${EVENTS}?hold`);
  await list.check('events.unbuffered: the first piece passes before the last one is there', () =>
    long.until('first'),
  );
  await list.check('events.buffered-elsewhere: another route of the service holds it back', () =>
    heldBack(running, open),
  );
  await list.check('events.slow-client: who does not read holds up nobody else', async () => {
    const slow = await open(`${EVENTS}?flood`, true);
    const other = await open(`${EVENTS}?hold`);
    try {
      await untilStuck(running);
      const beside = await open(`${EVENTS}?hold`);
      await beside.until('first');
      await untilHeld(running, 3);
      const call = await open(STATUS);
      if ((await call.whole()) !== 200) throw new Error(`a call beside it: ${call.status}`);
      const { stuck, flooded } = await streamer(running);
      if (stuck !== 1) throw new Error('the slow client was not slow');
      beside.close();
      await untilHeld(running, 2);
      return `${Math.round(flooded / 1024)} KiB on their way to it`;
    } finally {
      slow.close();
      other.close();
    }
  });
  await list.check('events.long: an answer outlasts the time that a request may take', async () => {
    await sleep(Math.max(0, LONG_MS - (performance.now() - began)), undefined, { signal });
    if (long.ended) throw new Error('it was cut');
    await release(running);
    await long.until('last');
    return `${Math.round((performance.now() - began) / 1_000)} s`;
  });
  long.close();
}

/** A piece that was sent later comes first, so it is not for want of time that the other one is missing. */
async function heldBack(running: Running, open: (path: string) => Promise<OpenRequest>): Promise<string> {
  const before = (await streamer(running)).held;
  const held = await open(`${STATUS}?hold`);
  await untilHeld(running, before + 1);
  const later = await open(`${EVENTS}?hold`);
  await later.until('first');
  later.close();
  if (held.status !== undefined || held.text !== '') throw new Error(`it let pass "${held.text}"`);
  held.close();
  await untilHeld(running, before);
  const whole = await open(STATUS);
  if ((await whole.whole()) !== 200) throw new Error(`a whole answer: ${whole.status}`);
  return 'nothing came before its end';
}

/** All that lies between the streamer and the client is full: nothing more is taken. */
async function untilStuck(running: Running): Promise<void> {
  let last = -1;
  await until(STUCK_MS_MAX, running.signal, async () => {
    const { stuck, flooded } = await streamer(running);
    const same = flooded === last;
    last = flooded;
    return stuck === 1 && same ? null : `${flooded} bytes have been taken`;
  });
}
