import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../config/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { runInfo } from './identity.ts';
import { discoverRun, watchRun } from './run-discovery.ts';

/** Answers of the fake simulator, one a request; the last one stays. */
let answers: { status: number; body: string }[] = [];
let asked = 0;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const known = request.url === '/sim/run';
    response.writeHead(known ? (answer?.status ?? 500) : 404).end(known ? answer?.body : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});
beforeEach(() => {
  asked = 0;
});

const saying = (run: string, mode: string) => ({ status: 200, body: JSON.stringify({ run, mode, more: 1 }) });
const options = (source: object, signal = new AbortController().signal) => ({
  source: { TRADING_MODE: 'paper' as const, ...source },
  logger: silentLogger(),
  signal,
  pollMs: 1,
});

describe('which run', () => {
  test('RUN_ID wins and asks nobody', async () => {
    const found = await discoverRun(options({ RUN_ID: 'mine', SIMULATOR_URL: url }));
    expect(found).toEqual({ run: 'mine', mode: 'paced', lockstep: false });
    expect(asked).toBe(0);
  });

  test('in live mode it is the account', async () => {
    const found = await discoverRun(options({ TRADING_MODE: 'live', RUN_ID: 'account-1' }));
    expect(found).toEqual({ run: 'account-1', mode: 'live', lockstep: false });
  });

  test('the simulator is asked until it answers', async () => {
    const wrong = { status: 200, body: '{"run":1}' };
    answers = [
      { status: 503, body: '' },
      { status: 200, body: 'no json' },
      wrong,
      saying('sim-1', 'lockstep'),
    ];
    const found = await discoverRun(options({ SIMULATOR_URL: url }));
    expect(found).toEqual({ run: 'sim-1', mode: 'lockstep', lockstep: true });
    expect(asked).toBe(4);
  });

  test('a stop ends the asking', async () => {
    answers = [{ status: 503, body: '' }];
    const stop = new AbortController();
    const waiting = discoverRun(options({ SIMULATOR_URL: url }, stop.signal));
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow(/stopping|aborted/);
  });

  test.each([
    ['nothing set', {}, /SIMULATOR_URL/],
    ['live without the account', { TRADING_MODE: 'live' }, /RUN_ID/],
    ['live never asks a simulator', { TRADING_MODE: 'live', SIMULATOR_URL: 'http://127.0.0.1:9' }, /RUN_ID/],
  ])('%s is a fault of the configuration', async (_name, source, words) => {
    const refused = discoverRun(options(source));
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(words);
  });
});

describe('a new run', () => {
  const known = runInfo('sim-1', 'lockstep');
  test.each([
    ['another run', saying('sim-2', 'lockstep'), runInfo('sim-2', 'lockstep')],
    ['another mode', saying('sim-1', 'paced'), runInfo('sim-1', 'paced')],
  ])('%s is told once, a simulator that is away is not one', async (_name, last, found) => {
    answers = [saying('sim-1', 'lockstep'), { status: 503, body: '' }, saying('sim-1', 'lockstep'), last];
    const told: unknown[] = [];
    await watchRun(options({ SIMULATOR_URL: url }), known, (run) => told.push(run));
    expect(told).toEqual([found]);
    expect(asked).toBe(4);
  });

  test('with RUN_ID nobody is watched', async () => {
    await watchRun(options({ RUN_ID: 'mine', SIMULATOR_URL: url }), known, () => {
      throw new Error('must not be told');
    });
    expect(asked).toBe(0);
  });
});
