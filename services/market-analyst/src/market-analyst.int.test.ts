import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBar } from '@fleet/domain/bars';
import {
  type BarClosed,
  envelopeFromFields,
  envelopeToFields,
  eventId,
  type SignalProduced,
} from '@fleet/domain/events';
import {
  type StrategyAssignment,
  strategyAssignmentSchema,
  strategyByName,
  strategyVersion,
} from '@fleet/domain/strategies';
import { loadSyntheticMarket, type RunningSimulator, startSimulator } from '@fleet/exchange-simulator';
import { migrate } from '@fleet/shared/postgres';
import {
  freePort,
  type ManagedProcess,
  startProcess,
  testDatabase,
  testRedis,
} from '@fleet/testkit/infrastructure';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ExactBar } from './bar-set/decide.ts';
import { createVenue } from './venue/client.ts';

const MINUTE = 60_000;
const FROM = Date.UTC(2024, 0, 1);
const SETS = 300;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const ROLE = 'market_analyst_test';
const PASSWORD = 'only-for-this-test';
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

const INSTRUMENTS = SYMBOLS.map((symbol) => ({
  symbol,
  base: symbol.slice(0, 3),
  quote: 'USDT',
  ...{ tickSize: '0.01', stepSize: '0.0001', quantityMin: '0.0001', quantityMax: '9000', notionalMin: '5' },
}));
const STRATEGIES = [
  { symbol: 'ETHUSDT', strategy: 'bollinger-rsi', parameters: { bandPeriod: 10, rsiPeriod: 5, rsiLow: 45 } },
  { symbol: 'BTCUSDT', strategy: 'ema-cross', parameters: { fast: 3, slow: 9 } },
];
const assignments: readonly StrategyAssignment[] = [...STRATEGIES]
  .reverse()
  .map((assignment) => strategyAssignmentSchema.parse(assignment));

const database = await testDatabase();
const redis = await testRedis();
const folder = mkdtempSync(join(tmpdir(), 'market-analyst-'));
const processes: ManagedProcess[] = [];

let simulator: RunningSimulator;
let databaseUrl: string;
/** What the market holds, from the exchange itself. */
let market: ReadonlyMap<string, readonly ExactBar[]>;

beforeAll(async () => {
  await migrate({
    ...{ adminUrl: database.url, schema: 'analysis', role: ROLE, rolePassword: PASSWORD },
    dirs: [MIGRATIONS],
  });
  const url = new URL(database.url);
  url.username = ROLE;
  url.password = PASSWORD;
  databaseUrl = url.href;
  writeFileSync(join(folder, 'instruments.yaml'), stringify({ instruments: INSTRUMENTS }));
  writeFileSync(join(folder, 'strategies.yaml'), stringify({ interval: '1m', strategies: STRATEGIES }));
  simulator = await startSimulator(marketOptions());
  const whole = await startSimulator({ ...marketOptions(), speed: Number.POSITIVE_INFINITY });
  market = await readMarket(whole);
  await whole.close();
});

afterAll(async () => {
  try {
    for (const process of processes) await process.stop();
    await simulator.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function marketOptions() {
  return {
    market: loadSyntheticMarket(INSTRUMENTS, {
      ...{ seed: 'analyst-test', symbols: SYMBOLS, interval: '1m', historyBars: 500 },
      ...{ from: FROM, to: FROM + SETS * MINUTE },
    }),
    venue: {
      makerFeeRate: '0',
      takerFeeRate: '0',
      slippageBps: 0,
      collar: '0',
      startBalances: { USDT: '1' },
    },
  };
}

async function readMarket(whole: RunningSimulator): Promise<ReadonlyMap<string, readonly ExactBar[]>> {
  const options = { simulatorUrl: whole.url, symbols: SYMBOLS, interval: '1m', intervalMs: MINUTE };
  const venue = createVenue(options);
  await until(async () => (await json<{ finished: boolean }>(`${whole.controlUrl}/control/status`)).finished);
  const bars = await Promise.all(SYMBOLS.map((symbol) => venue.klines({ symbol, limit: 1_000 })));
  await venue.close();
  return new Map(SYMBOLS.map((symbol, index) => [symbol, bars[index] ?? []]));
}

interface Replica {
  readonly url: string;
  readonly process: ManagedProcess;
}

async function start(extra: Readonly<Record<string, string>> = {}): Promise<Replica> {
  const port = await freePort();
  const process = await startProcess({
    name: `market-analyst-${processes.length}`,
    command: globalThis.process.execPath,
    args: [MAIN],
    env: {
      ...{ PORT: String(port), DATABASE_URL: databaseUrl, REDIS_URL: redis.url, CONFIG_DIR: folder },
      ...{ SIMULATOR_URL: simulator.url, LOG_LEVEL: 'info', ...extra },
    },
    logFile: join(folder, `analyst-${processes.length}.log`),
  });
  processes.push(process);
  return { url: `http://127.0.0.1:${port}`, process };
}

async function ready(replica: Replica): Promise<void> {
  await until(async () => (await fetch(`${replica.url}/ready`)).status === 200, replica);
}

/** Steps the market until so many more sets are closed, or it ends. */
async function close(sets: number, afterEach: (openTime: number) => Promise<void>): Promise<void> {
  for (let closed = 0; closed < sets; ) {
    const answer = await post<{ cycle: boolean; done: boolean; openTime: number }>(
      `${simulator.controlUrl}/control/advance`,
      {},
    );
    if (answer.done) return;
    if (!answer.cycle) continue;
    closed += 1;
    await afterEach(answer.openTime);
  }
}

/** As a replay driver would wait for the cycle. */
async function published(openTime: number): Promise<void> {
  await until(async () => (await signals()).at(-1)?.openTime === openTime);
}

async function entries<Data>(stream: string): Promise<{ id: string; ts: string; data: Data }[]> {
  const found = await redis.client.xrange(`${stream}:{0}`, '-', '+');
  const seen = new Set<string>();
  return found
    .map(([, fields]) => envelopeFromFields(fields))
    .filter(({ id }) => !seen.has(id) && seen.add(id) !== undefined)
    .map(({ id, ts, data }) => ({ id, ts, data: data as Data }));
}

async function signals(): Promise<SignalProduced[]> {
  const last = await redis.client.xrevrange('analysis.signals:{0}', '+', '-', 'COUNT', 1);
  return last.map(([, fields]) => envelopeFromFields(fields).data as SignalProduced);
}

/** What an uninterrupted run says: the strategies over the market's own bars, warmed up on those before the run. */
function expected(
  from: number,
  to: number,
): Pick<SignalProduced, 'symbol' | 'openTime' | 'target' | 'reason'>[] {
  const perSymbol = assignments.flatMap((assignment) => {
    const strategy = strategyByName(assignment.strategy);
    const memory = strategy.create(assignment.parameters);
    const bars = market.get(assignment.symbol) ?? [];
    const history = bars.filter(({ openTime }) => openTime < FROM);
    for (const bar of history.slice(-strategy.warmUpBars(assignment.parameters)))
      strategy.onBar(assignment.parameters, memory, toBar(bar.symbol, bar));
    return bars
      .filter(({ openTime }) => openTime >= FROM)
      .map((bar) => {
        const { target, reason, confidence, stopDistance } = strategy.onBar(
          assignment.parameters,
          memory,
          toBar(bar.symbol, bar),
        );
        return { symbol: bar.symbol, openTime: bar.openTime, target, stopDistance, confidence, reason };
      });
  });
  return perSymbol
    .filter(({ openTime }) => openTime >= from && openTime < to)
    .sort((left, right) => left.openTime - right.openTime || order(left.symbol) - order(right.symbol));
}

const order = (symbol: string): number => SYMBOLS.indexOf(symbol);

describe('market-analyst', () => {
  let leader: Replica;

  it('is ready, and connects alone, before the first bar', async () => {
    leader = await start();
    await ready(leader);
    const status = await json<{ role: string; feed: { mode: string }; lastSet: number; openSet: number }>(
      `${leader.url}/status`,
    );
    expect(status).toMatchObject({ role: 'leader', feed: { mode: 'following' }, openSet: FROM });
  });

  it('publishes every bar with its signal, in time order', async () => {
    await close(40, published);
    const bars = await entries<BarClosed>('market.bars');
    expect(bars.length).toBeGreaterThan(40);
    for (const { data, ts } of bars) {
      const { openTime, closeTime, set, missing, venue, interval, ...text } = data;
      expect(text).toEqual(exactOf(data));
      expect([closeTime, ts]).toEqual([openTime + MINUTE, new Date(openTime + MINUTE).toISOString()]);
      expect([venue, interval]).toEqual(['simulator', '1m']);
      expect([...set, ...missing].sort()).toEqual([...SYMBOLS].sort());
    }
  });

  it('repairs what it missed while the venue had cut it off', async () => {
    for (let cut = 0; cut < 3; cut += 1) {
      await post(`${simulator.controlUrl}/control/fault`, { kind: 'disconnect-ws' });
      await close(2, async () => undefined);
      await close(1, published);
    }
    const { dependencies } = await json<{ dependencies: { name: string; status: string }[] }>(
      `${leader.url}/health`,
    );
    expect(dependencies.map(({ name, status }) => `${name} ${status}`)).toContain('market data up');
  });

  it('goes on after kill -9 in the middle: no bar missing or doubled, signals as if nothing had been', async () => {
    for (const sets of [37, 23, 41]) {
      await close(sets, published);
      // Closed while it dies, and while it is away.
      const dying = close(2, async () => undefined);
      await leader.process.kill();
      await dying;
      await close(1, async () => undefined);
      leader = await start();
      await ready(leader);
      await close(1, published);
    }
    const last = (await signals()).at(-1)?.openTime ?? 0;
    const said = (await entries<SignalProduced>('analysis.signals')).map(({ data }) => data);
    expect(said.map(shown)).toEqual(expected(FROM, last + 1));
    const bars = await entries<BarClosed>('market.bars');
    expect(bars.map(({ data }) => [data.openTime, data.symbol])).toEqual(
      said.map(({ openTime, symbol }) => [openTime, symbol]),
    );
    const { rows } = await database.pool.query('SELECT count(*)::int AS bars FROM analysis.bars');
    expect(rows[0]).toEqual({ bars: bars.length });
  }, 120_000);

  it('answers what it knows', async () => {
    const last = (await signals()).at(-1);
    const signal = await json<SignalProduced>(`${leader.url}/analysis/signal?symbol=ETHUSDT`);
    expect(signal).toMatchObject({ symbol: 'ETHUSDT', strategy: 'bollinger-rsi' });
    const { bars } = await json<{ bars: ExactBar[] }>(`${leader.url}/analysis/bars?symbol=BTCUSDT&limit=5`);
    expect(bars).toHaveLength(5);
    expect(bars.at(-1)).toEqual(exactOf({ symbol: 'BTCUSDT', openTime: bars.at(-1)?.openTime ?? 0 }, true));
    const strategies = await json<{
      active: { strategyVersion: string; symbol: string }[];
      history: unknown[];
    }>(`${leader.url}/analysis/strategies`);
    expect(strategies.active.map(({ strategyVersion: version }) => version)).toEqual(
      assignments.map(strategyVersion),
    );
    expect(strategies.history).toHaveLength(2);
    const analysis = await post<{ analysisId: string; views: { symbol: string; openTime: number }[] }>(
      `${leader.url}/analysis/analyze`,
      { symbols: ['ETHUSDT'] },
    );
    expect(analysis.views.map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
    expect(analysis.views[0]?.openTime).toBeLessThanOrEqual(last?.openTime ?? 0);
    const again = await json(`${leader.url}/analysis/analyses/${analysis.analysisId}`);
    expect(again).toEqual(analysis);
  });

  it('refuses with what to do', async () => {
    const bar = {
      symbol: 'BTCUSDT',
      openTime: FROM,
      open: '1',
      high: '1',
      low: '1',
      close: '1',
      volume: '1',
    };
    const cases: [string, RequestInit, number, string][] = [
      ['/analysis/ingest', body({ bars: [bar] }), 409, 'FEED_ACTIVE'],
      ['/analysis/ingest', body({ bars: [{ ...bar, open: 'x' }] }), 400, 'VALIDATION_FAILED'],
      ['/analysis/analyze', body({ symbols: ['SOLUSDT'] }), 400, 'VALIDATION_FAILED'],
      ['/analysis/signal?symbol=SOLUSDT', {}, 400, 'VALIDATION_FAILED'],
      ['/analysis/bars?symbol=BTCUSDT&limit=0', {}, 400, 'VALIDATION_FAILED'],
      ['/analysis/analyses/none', {}, 404, 'NOT_FOUND'],
    ];
    for (const [path, init, status, code] of cases) {
      const answer = await fetch(`${leader.url}${path}`, init);
      const problem = (await answer.json()) as { code: string; action: string };
      expect([path, answer.status, problem.code]).toEqual([path, status, code]);
      expect(problem.action).not.toBe('');
    }
  });

  it('answers analyze.requested from the stream', async () => {
    const data = { analysisId: 'cycle-check', symbols: ['BTCUSDT'], requestedBy: 'orchestrator' };
    await command('orchestrator.commands', 'analyze.requested', data);
    await until(async () => (await fetch(`${leader.url}/analysis/analyses/cycle-check`)).status === 200);
  });

  it('takes deployed parameters at the next set, and their rollback', async () => {
    const before = expectedVersions();
    const parameters = { fast: 4, slow: 11, atrPeriod: 14, atrMultiple: 3, entryBand: 0 };
    const deployed = { parameterVersion: 'study-1', strategy: 'ema-cross', symbols: ['BTCUSDT'], parameters };
    await command('opt.results', 'parameters.deployed', {
      ...deployed,
      deployedBy: 'admin',
      rollbackOf: null,
    });
    await pendingVersions(1);
    await close(3, published);
    const rollback = { ...deployed, parameters: assignments[0]?.parameters, parameterVersion: 'config' };
    await command('opt.results', 'parameters.deployed', {
      ...rollback,
      deployedBy: 'admin',
      rollbackOf: 'study-1',
    });
    await pendingVersions(1);
    await close(3, published);
    const said = (await entries<SignalProduced>('analysis.signals')).map(({ data }) => data).slice(-12);
    const versions = said
      .filter(({ symbol }) => symbol === 'BTCUSDT')
      .map((signal) => signal.strategyVersion);
    const other = strategyVersion({ symbol: 'BTCUSDT', strategy: 'ema-cross', parameters });
    expect(versions.slice(-6)).toEqual([other, other, other, before, before, before]);
    expect(said.every(({ reason }) => reason !== 'warm-up')).toBe(true);
    const { history } = await json<{ history: { parameterVersion: string; firstOpenTime: number }[] }>(
      `${leader.url}/analysis/strategies`,
    );
    expect(history.slice(-2).map(({ parameterVersion }) => parameterVersion)).toEqual(['study-1', 'config']);
    expect(history.at(-2)?.firstOpenTime).toBe(said.at(-12)?.openTime);
  });

  it('stands by without a connection, and takes over when the leader dies', async () => {
    const standby = await start();
    await ready(standby);
    const status = await json<{ role: string; feed: { mode: string } }>(`${standby.url}/status`);
    expect(status).toMatchObject({ role: 'standby', feed: { mode: 'standby' } });
    const refused = await fetch(`${standby.url}/analysis/analyze`, body({}));
    expect(refused.status).toBe(503);
    const killed = leader.process.kill();
    await close(2, async () => undefined);
    await killed;
    leader = standby;
    await close(5, published);
  });

  it('stops within its time on SIGTERM and leaves nothing open', async () => {
    const exit = await leader.process.stop();
    expect(exit).toMatchObject({ code: 0 });
  });

  it('takes bars from outside where that is its source', async () => {
    const outside = await start({ MARKET_DATA_SOURCE: 'ingest', RUN_ID: 'outside', SIMULATOR_URL: '' });
    await ready(outside);
    const bars = (market.get('BTCUSDT') ?? []).slice(0, 3);
    const ether = (market.get('ETHUSDT') ?? []).filter(
      ({ openTime }) => openTime <= (bars.at(-1)?.openTime ?? 0),
    );
    const url = `${outside.url}/analysis/ingest`;
    expect(await post(url, { bars })).toEqual({ taken: 3, known: 0, sets: 0 });
    const answer = await post<{ sets: number }>(url, { bars: ether, closedThrough: bars.at(-1)?.openTime });
    expect(answer.sets).toBe(new Set([...bars, ...ether].map(({ openTime }) => openTime)).size);
    expect(await post(url, { bars })).toEqual({ taken: 0, known: 3, sets: 0 });
    const wrong = await fetch(
      url,
      body({
        bars: [
          { ...bars[0], high: '0.01' },
          { ...bars[0], symbol: 'XRPUSDT' },
        ],
      }),
    );
    const problem = (await wrong.json()) as { errors: { field: string }[] };
    expect(problem.errors.map(({ field }) => field)).toEqual(['bars.0', 'bars.1.symbol']);
  });
});

function expectedVersions(): string {
  return strategyVersion(assignments[0]!);
}

async function pendingVersions(count: number): Promise<void> {
  await until(async () => {
    const { rows } = await database.pool.query(
      'SELECT count(*)::int AS waiting FROM analysis.symbol_states WHERE pending IS NOT NULL',
    );
    return (rows[0] as { waiting: number }).waiting === count;
  });
}

async function command(stream: string, type: string, data: unknown): Promise<void> {
  const envelope = {
    ...{
      id: eventId(simulator.run, type, JSON.stringify(data)),
      type,
      v: 1,
      ts: new Date(FROM).toISOString(),
    },
    ...{
      key: simulator.run,
      source: 'test',
      run: simulator.run,
      traceparent: '',
      requestId: 't',
      causationId: null,
    },
    data,
  };
  await redis.client.xadd(`${stream}:{0}`, '*', ...envelopeToFields(envelope));
}

function exactOf(bar: Pick<ExactBar, 'symbol' | 'openTime'>, whole = false): object {
  const found = market.get(bar.symbol)?.find(({ openTime }) => openTime === bar.openTime);
  const { openTime: _openTime, ...text } = found ?? { openTime: 0 };
  return whole ? { ...found } : text;
}

function shown(signal: SignalProduced) {
  const { symbol, openTime, target, stopDistance, confidence, reason } = signal;
  return { symbol, openTime, target, stopDistance, confidence, reason };
}

function body(content: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) };
}

async function json<Answer>(url: string): Promise<Answer> {
  return (await (await fetch(url)).json()) as Answer;
}

async function post<Answer>(url: string, content: unknown): Promise<Answer> {
  return (await (await fetch(url, body(content))).json()) as Answer;
}

async function until(condition: () => Promise<boolean>, replica?: Replica): Promise<void> {
  for (;;) {
    if (await condition().catch(() => false)) return;
    if (replica !== undefined && !replica.process.running()) {
      const index = processes.indexOf(replica.process);
      throw new Error(
        `it ended:\n${readFileSync(join(folder, `analyst-${index}.log`), 'utf8').slice(-3_000)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
