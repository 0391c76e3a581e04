import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@fleet/domain/events';
import {
  ensureRedis,
  freePort,
  type RunningStore,
  startProcess,
  startRedis,
  testDatabase,
} from '@fleet/testkit/infrastructure';
import { preparePlace, startService } from '@fleet/testkit/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUsers, streamReaders, streamWriters } from '../scripts/fleet/redis-access.ts';
import { SERVICE_NAMES, SERVICES, type ServiceName } from '../scripts/fleet/services.ts';
import { PROGRAM as RISK_MANAGER } from '../services/risk-manager/test/program.ts';

// The fleet's tests trade under these users too (scripts/fleet); here is what each of them may not do.

const database = await testDatabase();
const dir = mkdtempSync(join(tmpdir(), 'redis-access-'));
const aclFile = join(dir, 'users.acl');
const clients = new Map<string, Redis>();
let store: RunningStore;
let operator: Redis;

/** With a password that is the user's name; a server before 7.2 does not know CLIENT SETINFO, which no service needs. */
const rendered = redisUsers()
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(/^user (\S+) on PASSWORD/, 'user $1 on >$1').replace(' +client|setinfo', ''))
  .join('\n');

beforeAll(async () => {
  writeFileSync(aclFile, `${rendered}\n`);
  store = await startRedisWithUsers();
  operator = as('operator');
  for (const stream of catalog.streams)
    await operator.xgroup('CREATE', `${stream}:{0}`, 'g', '0', 'MKSTREAM');
});
afterAll(async () => {
  for (const client of clients.values()) client.disconnect();
  try {
    await store.stop();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

/** The start asks whether it answers without a name, so that the default user goes afterwards. */
async function startRedisWithUsers(): Promise<RunningStore> {
  writeFileSync(aclFile, 'user default on nopass ~* &* +@all\n');
  const running = await startRedis({ dir, aclFile, appendonly: false, env: {} });
  const first = new Redis(`redis://127.0.0.1:${running.port}`);
  writeFileSync(aclFile, `${rendered}\n`);
  await first.call('ACL', 'LOAD');
  first.disconnect();
  return running;
}

function urlOf(running: RunningStore, user: string): string {
  return `redis://${user}:${user}@127.0.0.1:${running.port}`;
}

function as(user: string): Redis {
  const known = clients.get(user);
  if (known !== undefined) return known;
  const client = new Redis(urlOf(store, user), {
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  });
  client.on('error', () => undefined);
  clients.set(user, client);
  return client;
}

/** Undefined when it may; otherwise the first word of the refusal. */
async function refusal(
  user: string,
  ...command: [string, ...(string | number)[]]
): Promise<string | undefined> {
  const [name, ...args] = command;
  return await as(user)
    .call(name, ...args)
    .then(
      () => undefined,
      (error: Error) => error.message.split(' ')[0],
    );
}

/** As the kit publishes: undefined when it may, otherwise the first word of the first refusal. */
async function publication(user: string, marker: string, key: string): Promise<string | undefined> {
  const client = as(user);
  try {
    await client.watch(marker);
    await client.multi().xadd(key, '*', 'a', 'b').set(marker, 'x').exec();
    return undefined;
  } catch (error) {
    const { previousErrors = [error as Error] } = error as { previousErrors?: readonly Error[] };
    return previousErrors[0]?.message.split(' ')[0];
  }
}

const refused = (holds: boolean) => (holds ? undefined : 'NOPERM');

/** As in production: with these users from its first moment on, and an append-only file. */
async function startAsInProduction(folder: string, port: number) {
  const binary = await ensureRedis();
  const options = { port: `${port}`, dir: folder, aclfile: aclFile, appendonly: 'yes', save: '' };
  const server = await startProcess({
    name: 'redis-production',
    command: binary.server,
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    env: binary.env,
    logFile: join(folder, 'redis.log'),
  });
  const client = new Redis(`redis://operator:operator@127.0.0.1:${port}`, { disableClientInfo: true });
  client.on('error', () => undefined);
  const stop = () => {
    client.disconnect();
    return server.stop();
  };
  return { client, stop };
}

describe('users of Redis', () => {
  it('keep all that was written over a restart, transactions and scripts too', async () => {
    const folder = mkdtempSync(join(dir, 'restarted-'));
    const port = await freePort();
    const first = await startAsInProduction(folder, port);
    const script = "for i = 1, 5 do redis.call('XADD', KEYS[1], '*', 'a', i) end";
    await first.client.eval(script, 1, 'by-script');
    await first.client.multi().xadd('by-multi', '*', 'a', '1').xadd('by-multi', '*', 'a', '2').exec();
    await first.client.xadd('alone', '*', 'a', '1');
    await first.stop();
    const second = await startAsInProduction(folder, port);
    try {
      const lengths = ['by-script', 'by-multi', 'alone'].map((key) => second.client.xlen(key));
      expect(await Promise.all(lengths)).toEqual([5, 2, 1]);
    } finally {
      await second.stop();
    }
  });

  it('let nobody in without a name, and the healthcheck say PING alone', async () => {
    const nobody = new Redis({
      host: '127.0.0.1',
      port: store.port,
      lazyConnect: true,
      protocol: 2,
      retryStrategy: () => null,
      disableClientInfo: true,
      enableReadyCheck: false,
    });
    nobody.on('error', () => undefined);
    await nobody.connect();
    await expect(nobody.ping()).rejects.toThrow('NOAUTH');
    await nobody.call('AUTH', 'probe', 'anything');
    expect(await nobody.ping()).toBe('PONG');
    await expect(nobody.info()).rejects.toThrow('NOPERM');
    nobody.disconnect();
  });

  it.each(SERVICE_NAMES)('%s writes to its own streams and no others', async (name) => {
    for (const stream of catalog.streams)
      expect([stream, await refusal(name, 'XADD', `${stream}:{0}`, '*', 'a', 'b')]).toEqual([
        stream,
        refused(streamWriters(stream).includes(name)),
      ]);
  });

  it.each(SERVICE_NAMES)('%s reads the streams of its group and no others', async (name) => {
    for (const stream of catalog.streams) {
      const key = `${stream}:{0}`;
      const may = refused(streamReaders(stream).includes(name));
      const ask: [string, ...string[]] = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '1', 'STREAMS', key, '>'];
      expect([stream, await refusal(name, ...ask)]).toEqual([stream, may]);
      expect([stream, await refusal(name, 'XACK', key, 'g', '0-1')]).toEqual([stream, may]);
    }
  });

  it.each(SERVICES)(
    '$name keeps a marker of its own, publishes in one transaction with it, and to nowhere else',
    async ({ name, schema }) => {
      const own = `fleet.published.${schema}.0:{0}`;
      for (const stream of catalog.streams) {
        const may = streamWriters(stream).includes(name);
        expect([stream, await publication(name, own, `${stream}:{0}`)]).toEqual([
          stream,
          may ? undefined : 'NOPERM',
        ]);
      }
      const foreign = `fleet.published.${schema === 'risk' ? 'execution' : 'risk'}.0:{0}`;
      expect(await refusal(name, 'SET', foreign, 'x')).toBe('NOPERM');
    },
  );

  it('no service may look around, take away or command the server', async () => {
    for (const name of SERVICE_NAMES)
      for (const command of [
        ['KEYS', '*'],
        ['SCAN', '0'],
        ['FLUSHALL'],
        ['DEL', 'trading:state'],
        ['XTRIM', 'exec.orders:{0}', 'MAXLEN', '0'].slice(0, name === 'orchestrator' ? 0 : 4),
        ['XGROUP', 'DESTROY', 'exec.orders:{0}', 'g'],
        ['CONFIG', 'GET', '*'],
        ['ACL', 'LIST'],
        ['CLIENT', 'KILL', 'ID', '1'],
        ['CLIENT', 'LIST'],
        ['MONITOR'],
        ['EVAL', 'return 1', '0'],
        ['EVALSHA', '0'.repeat(40), '0'],
        ['SCRIPT', 'LOAD', 'return 1'],
        ['FCALL', 'f', '0'],
        ['FUNCTION', 'LOAD', 'return 1'],
      ].filter((words) => words.length > 0))
        expect([name, command, await refusal(name, ...(command as [string]))]).toEqual([
          name,
          command,
          'NOPERM',
        ]);
  });

  it('who has no stream may say that it is there, and no more', async () => {
    const words = rendered.split('\n').find((line) => line.startsWith('user mcp-hub-controller '));
    expect(words).toMatch(/-@all( \+(ping|hello|auth|quit|select|info|time|client\|setname))+$/);
  });

  it('the trading state is the orchestrator’s to say and the executor’s to hear', async () => {
    for (const name of SERVICE_NAMES) {
      expect([name, await refusal(name, 'SET', 'trading:state', 'x')]).toEqual([
        name,
        refused(name === 'orchestrator'),
      ]);
      expect([name, await refusal(name, 'GET', 'trading:state')]).toEqual([
        name,
        refused(name === 'trade-executor'),
      ]);
    }
  });

  it('trims and asks for parked entries as the orchestrator alone', async () => {
    for (const name of SERVICE_NAMES) {
      const may = refused(name === 'orchestrator');
      expect([name, await refusal(name, 'XTRIM', 'exec.status:{0}', 'MINID', '0-1')]).toEqual([name, may]);
      expect([name, await refusal(name, 'XADD', 'fleet.control:{0}', '*', 'a', 'b')]).toEqual([name, may]);
      expect([name, await refusal(name, 'XREVRANGE', 'exec.status.dlq:{0}', '+', '-')]).toEqual([name, may]);
    }
  });

  it('oauth2-proxy keeps sessions and their locks, and sees no stream', async () => {
    const session = '__Secure-fleet-0123456789abcdef';
    expect(await refusal('oauth2-proxy', 'SET', session, 'x', 'EX', 60)).toBeUndefined();
    expect(await refusal('oauth2-proxy', 'GET', session)).toBeUndefined();
    const lock = "return redis.call('SET', KEYS[1], 'x', 'NX', 'PX', 100)";
    expect(await refusal('oauth2-proxy', 'EVAL', lock, 1, `${session}.lock`)).toBeUndefined();
    expect(await refusal('oauth2-proxy', 'DEL', session)).toBeUndefined();
    for (const command of [
      ['GET', 'trading:state'],
      ['XADD', 'exec.orders:{0}', '*', 'a', 'b'],
      ['KEYS', '*'],
      ['EVAL', lock, '1', 'trading:state'],
      ['SCRIPT', 'LOAD', lock],
    ])
      expect([command, await refusal('oauth2-proxy', ...(command as [string]))]).toEqual([command, 'NOPERM']);
  });

  it('the exporter reads figures and no entry', async () => {
    expect(await refusal('redis-exporter', 'INFO', 'all')).toBeUndefined();
    expect(await refusal('redis-exporter', 'SLOWLOG', 'GET', 10)).toBeUndefined();
    expect(await refusal('redis-exporter', 'LATENCY', 'LATEST')).toBeUndefined();
    expect(await refusal('redis-exporter', 'CONFIG', 'GET', '*')).toBeUndefined();
    expect(await refusal('redis-exporter', 'XINFO', 'STREAM', 'exec.orders:{0}')).toBeUndefined();
    for (const command of [
      ['GET', 'trading:state'],
      ['XRANGE', 'exec.orders:{0}', '-', '+'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
    ])
      expect([command, await refusal('redis-exporter', ...(command as [string]))]).toEqual([
        command,
        'NOPERM',
      ]);
  });

  it('every stream has a writer, and every group of the catalog a service', () => {
    const known = new Set<string>(SERVICES.map(({ schema }) => schema));
    for (const stream of catalog.streams) {
      expect([stream, streamWriters(stream).length]).not.toEqual([stream, 0]);
      expect(catalog.groupsOf(stream).filter((group) => !known.has(group))).toEqual([]);
    }
  });
});

describe('a list of users that is broken', () => {
  it('ends the start of Redis, which names the line; nobody is let in without a list', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redis-broken-'));
    const file = join(folder, 'users.acl');
    writeFileSync(file, `user default off\nuser orchestrator on >x ~* +no-such-command\n`);
    try {
      const start = startRedis({ dir: folder, aclFile: file, appendonly: false, env: {} });
      await expect(start).rejects.toThrow(/users\.acl:2|no-such-command|Unknown command/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a service whose user lacks a right', () => {
  it.each([
    ['reading', '+xreadgroup', /"service":"risk-manager"[^\n]*NOPERM[^\n]*xreadgroup/],
    ['publishing', '+watch', /"service":"risk-manager"[^\n]*NOPERM[^\n]*watch/],
    ['looking at groups', '+xgroup|create', /"service":"risk-manager"[^\n]*NOPERM[^\n]*xgroup/],
  ])('of %s ends with Redis’ own words and decides nothing', async (_, right, words) => {
    const name: ServiceName = 'risk-manager';
    const line = rendered.split('\n').find((each) => each.startsWith(`user ${name} `)) ?? '';
    const rulesOf = (text: string) => text.split(/ (?![^(]*\))/).slice(2);
    expect(line).toContain(right);
    const without = line.replaceAll(` ${right}`, '').replaceAll(`(${right}`, '(+ping');
    await operator.call('ACL', 'SETUSER', name, 'reset', ...rulesOf(without));
    const place = await preparePlace(database, RISK_MANAGER);
    // Of the case before: a stand-by that waits for a lease is ready too.
    await database.pool.query('delete from risk.leases');
    const orders = await operator.xlen('exec.orders:{0}');
    try {
      const start = startService(RISK_MANAGER, {
        ...place,
        redisUrl: urlOf(store, name),
        started: async () => false,
      });
      await expect(start).rejects.toThrow(words);
      expect(await operator.xlen('exec.orders:{0}')).toBe(orders);
    } finally {
      await operator.call('ACL', 'SETUSER', name, 'reset', ...rulesOf(line));
      await place.clean();
    }
  });
});
