import { describe, expect, it } from 'vitest';
import { FleetError } from '../errors/index.ts';
import { createLogger, type Logger } from './index.ts';

const SECRET = 'hunter2-top-secret-value';

function capture(use: (logger: Logger) => void): string {
  const lines: string[] = [];
  use(
    createLogger({
      service: 'test',
      level: 'trace',
      destination: { write: (line: string) => lines.push(line) },
    }),
  );
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  return lines.join('');
}

const headers = {
  Authorization: `Bearer ${SECRET}`,
  Cookie: SECRET,
  'X-Admin-Token': SECRET,
  'X-MBX-APIKEY': SECRET,
};
const withRequest = Object.assign(new Error(`GET https://a:${SECRET}@h failed`), {
  config: { headers },
  response: { status: 500, headers },
});

/** Every way into a line. */
const PATHS: readonly (readonly [string, (logger: Logger) => void])[] = [
  [
    'a merged field',
    (log) => log.info({ apiKey: SECRET, password: SECRET, secret: SECRET, signature: SECRET }, 'x'),
  ],
  ['a nested field', (log) => log.info({ request: { headers, body: { token: SECRET } } }, 'x')],
  ['an array of headers', (log) => log.info({ list: [{ authorization: SECRET }] }, 'x')],
  ['text of a field', (log) => log.info({ url: `redis://:${SECRET}@host:6379` }, 'x')],
  ['the message', (log) => log.info(`token=${SECRET}`)],
  ['the message beside fields', (log) => log.info({ a: 1 }, `Authorization: Bearer ${SECRET}`)],
  ['a formatted argument', (log) => log.info('calling %s', `https://u:${SECRET}@h`)],
  ['a formatted object', (log) => log.info('sent %j %o', { headers }, { password: SECRET })],
  ['a formatted error', (log) => log.info('failed %o', withRequest)],
  ['an error alone', (log) => log.error(withRequest)],
  ['an error with a message', (log) => log.error(withRequest, 'failed')],
  ['an error under err', (log) => log.error({ err: withRequest }, 'failed')],
  ['an error under err without words', (log) => log.error({ err: withRequest })],
  ['an error under another name', (log) => log.error({ reason: withRequest }, 'failed')],
  ['an error deep inside', (log) => log.error({ a: { b: withRequest } }, 'failed')],
  ['a cause', (log) => log.error(new Error('outer', { cause: withRequest }))],
  [
    'a FleetError',
    (log) => log.error(new FleetError('x', { code: 'A_B', context: { headers }, cause: withRequest })),
  ],
  ['bindings of a child', (log) => log.child({ headers, apiKey: SECRET }).info('x')],
  [
    'bindings of a grandchild',
    (log) =>
      log
        .child({ a: 1 })
        .child({ db: { databaseUrl: SECRET } })
        .warn('x'),
  ],
  [
    'bindings set later',
    (log) => {
      const child = log.child({});
      child.setBindings({ token: SECRET });
      child.info('x');
    },
  ],
  ['a child with an error', (log) => log.child({ err: withRequest }).info('x')],
  ['a map', (log) => log.info({ map: new Map([['password', SECRET]]) }, 'x')],
  ['a URL object', (log) => log.info({ url: new URL(`postgres://u:${SECRET}@h/db`) }, 'x')],
  ['toJSON', (log) => log.info({ own: { toJSON: () => ({ secretKey: SECRET }) } }, 'x')],
  [
    'a PEM key',
    (log) => log.info({ text: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----` }, 'x'),
  ],
  ...(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map(
    (level) =>
      [`level ${level}`, (log: Logger) => log[level]({ cookie: SECRET }, `password=${SECRET}`)] as const,
  ),
];

describe('createLogger', () => {
  it.each(PATHS)('keeps secrets out of a line: %s', (_name, use) => {
    expect(capture(use)).not.toContain(SECRET);
  });

  it('writes service, level, time, message and harmless fields', () => {
    const line = JSON.parse(
      capture((log) => log.child({ requestId: 'r1' }).info({ orders: 3, symbol: 'BTC/USDT' }, 'sent %d', 3)),
    );
    expect(line).toMatchObject({
      service: 'test',
      level: 'info',
      requestId: 'r1',
      orders: 3,
      symbol: 'BTC/USDT',
      msg: 'sent 3',
    });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it('writes an error with code, action and stack', () => {
    const line = JSON.parse(
      capture((log) => log.error(new FleetError('no price', { code: 'NO_PRICE', action: 'wait' }))),
    );
    expect(line).toMatchObject({
      msg: 'no price',
      err: { code: 'NO_PRICE', action: 'wait', message: 'no price' },
    });
    expect(line.err.stack).toContain('logger.test.ts');
  });

  it('obeys the level', () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: 'test',
      level: 'warn',
      destination: { write: (line) => lines.push(line) },
    });
    logger.info('no');
    logger.warn('yes');
    expect(lines).toHaveLength(1);
  });
});
