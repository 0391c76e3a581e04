import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  commonConfigShape,
  type Environment,
  envBoolean,
  envInteger,
  envList,
  envNumber,
  loadConfig,
} from './index.ts';

const SECRET = 'hunter2-top-secret-value';
const schema = z.object({
  ...commonConfigShape,
  LAMP_COUNT: envInteger({ min: 1, max: 9 }).default(3),
  LAMP_DIM_PCT: envNumber({ min: 0, max: 100 }).optional(),
  LAMP_ON: envBoolean().default(false),
  LAMP_ROOMS: envList().default(['hall']),
  LAMP_SECRET: z.string().min(8).optional(),
});
const base = {
  PORT: '7004',
  DATABASE_URL: 'postgres://lamp:pw@127.0.0.1/fleet',
  REDIS_URL: 'redis://127.0.0.1:6379',
} satisfies Environment;

let folder = '';
const file = (name: string, content: string, mode = 0o400): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function faultsOf(env: Environment): string {
  try {
    loadConfig(schema, { env, prefix: 'LAMP_' });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retry: 'crash' });
    return (error as ConfigError).message;
  }
  throw new Error('the configuration was taken');
}

describe('loadConfig', () => {
  it('takes defaults that are safe', () => {
    expect(loadConfig(schema, { env: base })).toMatchObject({
      PORT: 7004,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      STREAM_PARTITIONS: 1,
      TRADING_MODE: 'paper',
      CONFIG_DIR: 'config',
      LAMP_COUNT: 3,
      LAMP_ON: false,
      LAMP_ROOMS: ['hall'],
    });
  });

  it('reads numbers, switches and lists', () => {
    const env = { ...base, LAMP_COUNT: '5', LAMP_DIM_PCT: '12.5', LAMP_ON: 'Yes', LAMP_ROOMS: 'a, b,,c ' };
    expect(loadConfig(schema, { env })).toMatchObject({
      LAMP_COUNT: 5,
      LAMP_DIM_PCT: 12.5,
      LAMP_ON: true,
      LAMP_ROOMS: ['a', 'b', 'c'],
    });
  });

  it('counts an empty variable as absent', () => {
    expect(
      loadConfig(schema, { env: { ...base, LAMP_COUNT: '', HOST: '  ', LAMP_SECRET_FILE: '' } }),
    ).toMatchObject({ LAMP_COUNT: 3, HOST: '127.0.0.1' });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig(schema, { env: base }))).toBe(true);
  });

  it('lists every fault at once', () => {
    const text = faultsOf({
      PORT: 'x',
      REDIS_URL: 'http://h',
      TRADING_MODE: 'real',
      LAMP_COUNT: '12',
      LAMP_ON: 'maybe',
      LAMP_CUONT: '1',
    });
    expect(text).toContain('7 faults');
    expect(text).toContain('PORT: must be a whole number (got "x")');
    expect(text).toContain('DATABASE_URL: is required and not set → set DATABASE_URL or DATABASE_URL_FILE');
    expect(text).toContain('REDIS_URL: must be a URL that begins with redis:// or rediss://');
    expect(text).toContain('TRADING_MODE: must be paper or live (got "real")');
    expect(text).toContain('LAMP_COUNT: must be at most 9 (got "12")');
    expect(text).toContain('LAMP_ON: must be true or false (got "maybe")');
    expect(text).toContain('LAMP_CUONT: is not a setting of this service → did you mean LAMP_COUNT?');
  });

  it.each([
    ['an unknown name with our prefix', { LAMP_COLOUR: 'red' }, 'LAMP_COLOUR: is not a setting'],
    ['a name one letter off', { TRADING_MOD: 'live' }, 'did you mean TRADING_MODE?'],
    [
      'a secret that is too short',
      { ADMIN_TOKEN: 'short' },
      'ADMIN_TOKEN: must have at least 16 characters (got a value that is not shown)',
    ],
    ['a port out of range', { PORT: '70000' }, 'must be at most 65535'],
    ['a number with an exponent', { LAMP_COUNT: '1e0' }, 'must be a whole number'],
    ['a hexadecimal number', { LAMP_DIM_PCT: '0x10' }, 'must be a number'],
    ['no partitions', { STREAM_PARTITIONS: '0' }, 'must be at least 1'],
    ['an unknown level', { LOG_LEVEL: 'loud' }, 'must be one of trace, debug'],
    ['a run id with a slash', { RUN_ID: 'a/b' }, 'RUN_ID: must be 1 to 64'],
    ['a simulator that is no URL', { SIMULATOR_URL: 'localhost' }, 'SIMULATOR_URL: must be a URL'],
  ])('refuses %s', (_name, change, words) => {
    expect(faultsOf({ ...base, ...change })).toContain(words);
  });

  it('never quotes a secret', () => {
    const text = faultsOf({
      ...base,
      DATABASE_URL: `mysql://u:${SECRET}@h`,
      LAMP_SECRET: 'x',
      LAMP_DIM_PCT: `https://u:${SECRET}@h`,
    });
    expect(text).not.toContain(SECRET);
  });
});

describe('loadConfig with files', () => {
  it('reads and trims the value of NAME_FILE', () => {
    const env = {
      ...base,
      LAMP_SECRET_FILE: file('good', `${SECRET}\n`),
      LAMP_COUNT_FILE: file('count', '7\n', 0o644),
    };
    expect(loadConfig(schema, { env, prefix: 'LAMP_' })).toMatchObject({
      LAMP_SECRET: SECRET,
      LAMP_COUNT: 7,
    });
  });

  it.each([
    [
      'both',
      () => ({ LAMP_SECRET: SECRET, LAMP_SECRET_FILE: file('both', SECRET) }),
      'LAMP_SECRET and LAMP_SECRET_FILE are both set',
    ],
    [
      'a file that is missing',
      () => ({ LAMP_SECRET_FILE: '/nowhere/secret' }),
      'LAMP_SECRET_FILE: names a file that does not exist: /nowhere/secret',
    ],
    ['an empty file', () => ({ LAMP_SECRET_FILE: file('empty', '\n') }), 'LAMP_SECRET_FILE: is empty'],
    ['a folder', () => ({ LAMP_SECRET_FILE: folder }), 'LAMP_SECRET_FILE: is not a file'],
    [
      'a world-readable secret',
      () => ({ LAMP_SECRET_FILE: file('open', SECRET, 0o644) }),
      'others than its owner can use (mode 0644)',
    ],
    [
      'a file that is too large',
      () => ({ LAMP_SECRET_FILE: file('large', 'x'.repeat(70_000)) }),
      'more than 65536',
    ],
    ['a bad value in a file', () => ({ LAMP_SECRET_FILE: file('short', 'abc') }), 'LAMP_SECRET: Too small'],
  ])('refuses %s', (_name, change, words) => {
    const text = faultsOf({ ...base, ...change() });
    expect(text).toContain(words);
    expect(text).toContain('1 fault');
    expect(text).not.toContain(SECRET);
  });
});
