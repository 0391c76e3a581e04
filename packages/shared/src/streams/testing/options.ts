import type { Pool } from 'pg';
import { redisFactory } from '../connection.ts';
import type { RunnerOptions, StreamLogger } from '../options.ts';
import { type LedgerHooks, type LedgerState, ledgerCatalog, ledgerProcessor, RUN } from './ledger.ts';

export const silent: StreamLogger = { debug() {}, info() {}, warn() {}, error() {} };

export const stderrLogger: StreamLogger = {
  debug: write,
  info: write,
  warn: write,
  error: write,
};

function write(fields: object, message: string): void {
  const { err, ...rest } = fields as { err?: unknown };
  const why = err instanceof Error ? ` ${err.name}: ${err.message} ${err.cause ?? ''}` : '';
  process.stderr.write(`${process.pid} ${message} ${JSON.stringify(rest)}${why}\n`);
}

export interface LedgerRunnerOptions extends Partial<Omit<RunnerOptions<LedgerState>, 'pool' | 'redis'>> {
  readonly pool: Pool;
  readonly redisUrl: string;
  readonly hooks?: Partial<LedgerHooks>;
}

/** Options of a ledger runner; anything may be replaced. */
export function ledgerOptions(options: LedgerRunnerOptions): RunnerOptions<LedgerState> {
  const { redisUrl, hooks, ...given } = options;
  return {
    service: 'ledger',
    partition: 0,
    partitions: 1,
    run: RUN,
    catalog: ledgerCatalog,
    subscriptions: [
      { stream: 'test.in', partitions: 'own' },
      { stream: 'test.prices', partitions: 'all' },
    ],
    handles: ['deposit.made', 'price.seen'],
    processor: ledgerProcessor(given.schema ?? 'ledger', hooks),
    redis: redisFactory({ url: redisUrl, connectionName: 'ledger' }),
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    logger: process.env['STREAM_TEST_LOG'] === undefined ? silent : stderrLogger,
    joinWaitMs: 2_000,
    lockstep: false,
    blockMs: 200,
    leaseMs: 900,
    observeMs: 200,
    backoff: { baseMs: 10, maxMs: 200 },
    ...given,
  };
}
