import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOneOf, parseHashes, WatchedFile } from '@fleet/shared/access';
import { checkout } from '@fleet/testkit/infrastructure';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { controlStatus } from '../scripts/fleet/fleet-answers.ts';
import { askJson } from '../scripts/fleet/http-json.ts';
import { demoPlace } from './demo-place.ts';

const place = demoPlace('rotation', 8_000);
const { home, candles, summary } = place;
const secret = (path: string): string => readFileSync(join(home, 'secrets', path), 'utf8').trim();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function cyclesDone(): Promise<number> {
  const state = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as {
    simulator: { controlUrl: string };
  };
  return controlStatus.parse(await askJson(`${state.simulator.controlUrl}/control/status`)).done;
}

async function untilCycle(count: number): Promise<void> {
  // The file that says where to ask is written when the fleet is ready.
  while ((await cyclesDone().catch(() => -1)) < count) await sleep(50);
}

/** The script as a person runs it, with hands that reach processes instead of containers. */
function rotate(...args: string[]): Promise<string> {
  const [redis, database] = ['redis_url', 'database_url'].map(
    (name) => new URL(secret(`risk-manager/${name}`)),
  );
  const env = {
    ...process.env,
    FLEET_HOME: home,
    FLEET_HANDS: join(checkout, 'test/fleet-hands.ts'),
    FLEET_SETTLE_SECONDS: '1.5',
    FLEET_REDIS_ADDRESS: `${redis?.host}${redis?.pathname}`,
    FLEET_POSTGRES_ADDRESS: `${database?.host}${database?.pathname}`,
    FLEET_REDIS_DEFAULT_USER: 'on nopass ~* &* +@all',
    TRADING_MODE: 'paper',
    ACCESS_CONTROL: 'edge',
  };
  const child = spawn(
    join(checkout, 'scripts/rotate-secret'),
    ['--dir', join(home, 'secrets'), '--keep-owner', ...args],
    { env },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`ended with ${code}: ${said}`)),
    );
  });
}

/** Null when this address lets in; otherwise the server's word. */
async function refusedByRedis(url: string): Promise<string | null> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, disableClientInfo: true });
  let word: string | undefined;
  redis.on('error', (error: Error) => (word ??= error.message));
  try {
    await redis.connect();
    await redis.ping();
    return null;
  } catch (error) {
    return word ?? (error as Error).message;
  } finally {
    redis.disconnect();
  }
}

async function refusedByPostgres(url: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('secrets that are rotated while the fleet trades', { timeout: 400_000 }, () => {
  it('begins to trade', async () => {
    const runner = place.start('--candles', ...candles);
    await runner.hears(/all 8 services are ready/);
    await untilCycle(60);
    expect(runner.child.exitCode).toBeNull();
  });

  it('admin token: a service’s view of its hashes takes old and new, then only the new one', async () => {
    const hashes = new WatchedFile({
      path: join(home, 'secrets/orchestrator/admin_token_hashes'),
      parse: parseHashes,
      secret: true,
    });
    const old = secret('admin_token');
    const takes = (token: string) => {
      hashes.refresh();
      return isOneOf(token, hashes.content);
    };
    await rotate('admin_token');
    const made = secret('admin_token');
    expect([takes(old), takes(made)]).toEqual([true, true]);
    await rotate('admin_token', '--finish');
    expect([takes(old), takes(made)]).toEqual([false, true]);
  });

  it('signing key: the executor takes both, then only the new one', async () => {
    const before = readdirSync(join(home, 'secrets/trade-executor/risk_public_keys'));
    await rotate('risk_signing_key', '--overlap', '2s');
    const after = readdirSync(join(home, 'secrets/trade-executor/risk_public_keys'));
    expect([before.length, after.length]).toEqual([1, 1]);
    expect(after).not.toEqual(before);
  });

  it('Redis user: both passwords let in, then only the new one', async () => {
    const old = secret('portfolio-manager/redis_url');
    await rotate('redis_password_portfolio-manager');
    const made = secret('portfolio-manager/redis_url');
    expect(made).not.toBe(old);
    expect([await refusedByRedis(old), await refusedByRedis(made)]).toEqual([null, null]);
    await rotate('redis_password_portfolio-manager', '--finish');
    expect(await refusedByRedis(old)).toMatch(/WRONGPASS/);
    expect(await refusedByRedis(made)).toBeNull();
  });

  it('database logins: both let in, then only the one in use', async () => {
    const old = secret('trade-executor/database_url');
    await rotate('database_password_trade-executor');
    const made = secret('trade-executor/database_url');
    expect([new URL(old).username, new URL(made).username].map((name) => name.slice(-2))).toEqual([
      '_a',
      '_b',
    ]);
    expect([await refusedByPostgres(old), await refusedByPostgres(made)]).toEqual([null, null]);
    await rotate('database_password_trade-executor', '--finish');
    expect(await refusedByPostgres(old)).toMatch(/not permitted to log in|password authentication failed/);
    expect(await refusedByPostgres(made)).toBeNull();
  });

  it('no cycle is lost, no order refused, and the ledger equals the venue', async () => {
    const runner = place.runners[0]!;
    const during = await cyclesDone();
    expect(during).toBeGreaterThan(60);
    await untilCycle(during + 60);
    runner.child.kill('SIGINT'); // after the step under way, with the same proof as at the end
    const { code, said } = await runner.ended;
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^proof: ledger equals the venue: USDT /);
    const { proof, cycles, fills } = summary();
    expect([proof.equal, cycles.completed]).toEqual([true, cycles.expected]);
    expect(fills).toBeGreaterThan(0);
    expect(code).toBe(0);
    const logs = readdirSync(join(home, 'logs')).map((file) =>
      readFileSync(join(home, 'logs', file), 'utf8'),
    );
    expect(logs.filter((log) => /SIGNATURE_INVALID|NOPERM|permission denied/.test(log))).toEqual([]);
    expect(sha256(secret('admin_token'))).toBe(secret('orchestrator/admin_token_hashes'));
  });
});
