import { describe, expect, test } from 'vitest';
import { backoffMs, crashAction, ruleOn, saysRedisLost } from './retry.ts';
import {
  EntryParseError,
  EventRefusedError,
  NotLeaderError,
  PartitionCountError,
  QueueFullError,
  TableWriteError,
} from './stream-errors.ts';

const sql = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });
const socket = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('ruleOn', () => {
  test.each([
    ['serialization failure', sql('40001'), 'retry', 'postgres-conflict'],
    ['deadlock', sql('40P01'), 'retry', 'postgres-conflict'],
    ['lock not available', sql('55P03'), 'retry', 'postgres-conflict'],
    ['connection failure', sql('08006'), 'retry', 'postgres-unreachable'],
    ['admin shutdown', sql('57P01'), 'retry', 'postgres-unreachable'],
    ['starting up', sql('57P03'), 'retry', 'postgres-unreachable'],
    ['statement timeout', sql('57014'), 'retry', 'postgres-unreachable'],
    ['too many connections', sql('53300'), 'retry', 'postgres-unreachable'],
    ['disk full', sql('53100'), 'retry', 'postgres-unreachable'],
    ['read-only standby', sql('25006'), 'retry', 'postgres-unreachable'],
    ['pg: cut', new Error('Connection terminated unexpectedly'), 'retry', 'postgres-unreachable'],
    ['pg: no answer', new Error('Query read timeout'), 'retry', 'postgres-unreachable'],
    [
      'pg: no connection',
      new Error('timeout exceeded when trying to connect'),
      'retry',
      'postgres-unreachable',
    ],
    ['unique violation', sql('23505'), 'park', 'duplicate-row'],
    ['check violation', sql('23514'), 'park', 'row-refused'],
    ['number out of range', sql('22003'), 'park', 'row-refused'],
    ['missing table', sql('42P01'), 'crash', 'postgres-setup'],
    ['no permission', sql('42501'), 'crash', 'postgres-setup'],
    ['wrong password', sql('28P01'), 'crash', 'postgres-setup'],
    ['missing database', sql('3D000'), 'crash', 'postgres-setup'],
    ['refused socket', socket('ECONNREFUSED'), 'retry', 'unreachable'],
    ['reset socket', socket('ECONNRESET'), 'retry', 'unreachable'],
    ['name not found', socket('ENOTFOUND'), 'retry', 'unreachable'],
    ['ioredis: closed', new Error('Connection is closed.'), 'retry', 'redis-unreachable'],
    ['ioredis: no answer', new Error('Command timed out'), 'retry', 'redis-unreachable'],
    [
      'ioredis: cut',
      new Error('Reached the max retries per request limit (which is 0).'),
      'retry',
      'redis-unreachable',
    ],
    ['group missing', new Error('NOGROUP No such key'), 'retry', 'redis-lost-state'],
    [
      'key deleted under a read',
      new Error('UNBLOCKED the stream key no longer exists'),
      'retry',
      'redis-lost-state',
    ],
    ['marker missing', new Error('FLEETLOST the marker is gone'), 'retry', 'redis-lost-state'],
    ['loading', new Error('LOADING Redis is loading the dataset'), 'retry', 'redis-loading'],
    ['replica', new Error('READONLY You cannot write'), 'retry', 'redis-readonly'],
    ['memory full', new Error('OOM command not allowed'), 'retry', 'redis-memory-full'],
    ['cannot persist', new Error('MISCONF Redis is configured'), 'retry', 'redis-cannot-persist'],
    ['marker of another', new Error('FLEETMOVED the marker'), 'retry', 'redis-marker-moved'],
    ['no login', new Error('NOAUTH Authentication required.'), 'crash', 'redis-access'],
    ['wrong login', new Error('WRONGPASS invalid pair'), 'crash', 'redis-access'],
    ['no right', new Error('NOPERM this user has no permissions'), 'crash', 'redis-access'],
    ['no stream', new Error('WRONGTYPE Operation'), 'crash', 'redis-wrong-type'],
    ['unreadable entry', new EntryParseError(), 'park', 'ENTRY_UNREADABLE'],
    ['refused event', new EventRefusedError(), 'park', 'EVENT_REFUSED'],
    ['not leader', new NotLeaderError(), 'retry', 'NOT_LEADER'],
    ['queue full', new QueueFullError(), 'retry', 'QUEUE_FULL'],
    ['rows that are none', new TableWriteError(), 'crash', 'TABLE_WRITE_REFUSED'],
    ['partition count', new PartitionCountError(), 'crash', 'PARTITION_COUNT_CHANGED'],
    ['a bug', new TypeError('x is undefined'), 'park', 'entry'],
    ['no error at all', 'a string', 'park', 'entry'],
  ] as const)('%s', (_, error, verdict, reason) => {
    expect(ruleOn(error)).toEqual({ verdict, reason });
    expect(saysRedisLost(error)).toBe(reason === 'redis-lost-state');
  });
});

test.each([
  [new Error('NOPERM this user has no permissions'), /redis\/users\.acl.*rotate-secret redis_password_/],
  [new Error('WRONGTYPE Operation'), /has to be a stream/],
  [sql('42P01'), /migrate/],
])('an error that ends the process says what to do: %s', (error, action) => {
  const { verdict, reason } = ruleOn(error);
  expect([verdict, crashAction(reason)]).toEqual(['crash', expect.stringMatching(action)]);
});

test('backoff doubles to its cap, with jitter between a half and the whole', () => {
  const options = { baseMs: 100, maxMs: 1_000, random: () => 1 };
  expect([1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, options))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(backoffMs(1, { ...options, random: () => 0 })).toBe(50);
});
