import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdvanceAnswer, Cursor } from './fleet-answers.ts';
import { Replay, type ReplayOptions } from './replay.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';

/** A market of two bar sets whose steps are answered by the cursor that is handed in, as the simulator does. */
const STEPS: readonly Cursor[] = [
  { openTime: 60_000, step: 'close' },
  { openTime: 120_000, step: 'open' },
  { openTime: 120_000, step: 'close' },
  { openTime: 120_000, step: 'end' },
];

type Answer = { readonly status: number; readonly body: unknown } | 'cut';
type Route = (body: { after?: Cursor | null }) => Answer;

const ok = (body: unknown): Answer => ({ status: 200, body });
const servers: Server[] = [];

/** One server in the place of all; `routes` by path, the query left out. */
async function world(routes: Record<string, Route>): Promise<Pick<ReplayOptions, 'urls' | 'controlUrl'>> {
  const answerOne = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const answer = routes[path]?.(text === '' ? {} : JSON.parse(text)) ?? { status: 404, body: {} };
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  };
  const server = createServer((request, response) => void answerOne(request, response));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const urls = Object.fromEntries(SERVICE_NAMES.map((name) => [name, `${url}/${name}`]));
  return { urls: urls as Record<ServiceName, string>, controlUrl: `${url}/sim` };
}

function market(start: Cursor | null = null) {
  let at =
    start === null
      ? -1
      : STEPS.findIndex((step) => step.openTime === start.openTime && step.step === start.step);
  const moves: Cursor[] = [];
  const advance: Route = ({ after }) => {
    const before = at < 1 ? null : STEPS[at - 1];
    const repeated = at >= 0 && JSON.stringify(after) === JSON.stringify(before);
    if (!repeated) {
      at += 1;
      moves.push(STEPS[at] as Cursor);
    }
    const cursor = STEPS[at] as Cursor;
    return ok({ ...cursor, cursor, done: cursor.step === 'end', cycle: cursor.step === 'close' });
  };
  const status: Route = () =>
    ok({ run: 'r', finished: false, interval: '1m', cursor: STEPS[at] ?? null, total: 2, done: 0 });
  return { moves, advance, status };
}

const booked = { execSequence: 0, stateEpoch: 1 };
const executor = { ...booked, lastTradeIds: {}, openOrders: [], openIntents: 0, owed: 0, inFlight: 0 };
const settled = { status: 'settled', settled: true, waitingFor: [], stateEpoch: 1 };

function quietFleet({ advance, status }: ReturnType<typeof market>): Record<string, Route> {
  return {
    '/sim/control/status': status,
    '/sim/control/advance': advance,
    '/sim/control/account': () => ok({ balances: {}, openOrders: [], lastTradeIds: {} }),
    '/trade-executor/status': () => ok(executor),
    '/portfolio-manager/status': () => ok(booked),
    '/risk-manager/status': () => ok(booked),
    '/orchestrator/cycles/1m:60000': () => ok(settled),
    '/orchestrator/cycles/1m:120000': () => ok(settled),
  };
}

function controls(): { stop: AbortController; abort: AbortController; steps: AdvanceAnswer[] } {
  return { stop: new AbortController(), abort: new AbortController(), steps: [] };
}

function replay(
  place: Pick<ReplayOptions, 'urls' | 'controlUrl'>,
  control: ReturnType<typeof controls>,
  patienceMs = 5_000,
) {
  return new Replay({
    ...place,
    patienceMs,
    stop: control.stop.signal,
    abort: control.abort.signal,
    onStep: (answer) => control.steps.push(answer),
  });
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('replay in lock-step', () => {
  it('plays step after step to the end of the market', async () => {
    const venue = market();
    const control = controls();
    const end = await replay(await world(quietFleet(venue)), control).run();
    expect(end).toEqual({ finished: true });
    expect(control.steps.map(({ cursor }) => cursor)).toEqual(STEPS);
  });

  it('moves the market once when the answer of a step is lost', async () => {
    const venue = market();
    let lost = 0;
    const losing: Route = (body) => {
      const answer = venue.advance(body);
      if (venue.moves.length !== 2 || lost > 0) return answer;
      lost += 1;
      return 'cut';
    };
    const control = controls();
    await replay(await world({ ...quietFleet(venue), '/sim/control/advance': losing }), control).run();
    expect(lost).toBe(1);
    expect(venue.moves).toEqual(STEPS);
  });

  it('holds the market until the fleet is quiet', async () => {
    const venue = market();
    const asked: number[] = [];
    const slow: Route = () => {
      asked.push(venue.moves.length);
      return ok(asked.length < 4 ? { ...booked, stateEpoch: 0 } : booked);
    };
    const control = controls();
    await replay(await world({ ...quietFleet(venue), '/portfolio-manager/status': slow }), control).run();
    expect(asked.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(venue.moves).toEqual(STEPS);
  });

  it('waits for a service that is away and comes back', async () => {
    const venue = market();
    let away = 3;
    const absent: Route = () => {
      away -= 1;
      return away > 0 ? 'cut' : ok(executor);
    };
    const control = controls();
    const end = await replay(
      await world({ ...quietFleet(venue), '/trade-executor/status': absent }),
      control,
    ).run();
    expect(end.finished).toBe(true);
  });

  it('ends with the cycle and what it waits for when nothing moves, and releases no bar', async () => {
    const venue = market();
    const stuck: Route = () =>
      ok({ status: 'planned', settled: false, waitingFor: ['order abc'], stateEpoch: null });
    const control = controls();
    const place = await world({ ...quietFleet(venue), '/orchestrator/cycles/1m:60000': stuck });
    const words =
      /close step of cycle 1m:60000: .*\n {2}orchestrator: the cycle is planned, waiting for order abc/;
    await expect(replay(place, control, 100).run()).rejects.toThrow(words);
    expect(venue.moves).toEqual(STEPS.slice(0, 1));
  });

  it('says what an answer lacks', async () => {
    const venue = market();
    const odd: Route = () => ok({ service: 'risk-manager' });
    const place = await world({ ...quietFleet(venue), '/risk-manager/status': odd });
    await expect(replay(place, controls(), 100).run()).rejects.toThrow(/execSequence/);
  });

  it('stops after the step under way', async () => {
    const venue = market();
    const control = controls();
    const stopping: Route = (body) => {
      control.stop.abort();
      return venue.advance(body);
    };
    const place = await world({ ...quietFleet(venue), '/sim/control/advance': stopping });
    expect(await replay(place, control).run()).toEqual({ finished: false });
    expect(control.steps.map(({ cursor }) => cursor)).toEqual(STEPS.slice(0, 1));
  });

  it('waits for the step of an earlier, cut replay before it moves the market', async () => {
    const venue = market(STEPS[0]);
    const seen: number[] = [];
    const late: Route = () => {
      seen.push(venue.moves.length);
      return ok(seen.length < 3 ? { ...settled, settled: false, status: 'open' } : settled);
    };
    const control = controls();
    await replay(await world({ ...quietFleet(venue), '/orchestrator/cycles/1m:60000': late }), control).run();
    expect(seen).toEqual([0, 0, 0]);
    expect(control.steps.map(({ cursor }) => cursor)).toEqual(STEPS.slice(1));
  });

  it('does not ask again where the simulator refuses', async () => {
    const venue = market();
    const refusing: Route = () => ({ status: 409, body: { code: 'CURSOR_MISMATCH' } });
    const place = await world({ ...quietFleet(venue), '/sim/control/advance': refusing });
    await expect(replay(place, controls()).run()).rejects.toThrow('CURSOR_MISMATCH');
  });

  it('ends at once when the fleet gives up', async () => {
    const control = controls();
    control.abort.abort(new Error('a service refuses its configuration'));
    const place = await world(quietFleet(market()));
    await expect(replay(place, control).run()).rejects.toThrow('refuses its configuration');
  });
});
