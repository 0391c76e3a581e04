import { describe, expect, it } from 'vitest';
import { FleetError, redactText, redactValue, safeError } from './index.ts';

const SECRET = 'hunter2-top-secret-value';

/** As HTTP clients and SDKs throw them: the request with its headers hangs on the error. */
function vendorError(): Error {
  return Object.assign(new Error(`POST https://user:${SECRET}@host/path failed`), {
    code: 'ERR_BAD_RESPONSE',
    config: { headers: { Authorization: `Bearer ${SECRET}` }, auth: { password: SECRET } },
    request: { _header: `X-MBX-APIKEY: ${SECRET}` },
    response: {
      status: 502,
      headers: { 'set-cookie': SECRET },
      data: { msg: 'bad gateway', apiKey: SECRET, echo: `signature=${SECRET}&x=1` },
    },
  });
}

describe('safeError', () => {
  it('rebuilds a vendor error from status, code and a safe body', () => {
    const safe = safeError(vendorError());
    expect(JSON.stringify(safe)).not.toContain(SECRET);
    expect(safe).toMatchObject({ name: 'Error', code: 'ERR_BAD_RESPONSE', status: 502 });
    expect(safe.body).toContain('bad gateway');
    expect(Object.keys(safe).sort()).toEqual(['body', 'code', 'message', 'name', 'stack', 'status']);
  });

  it('keeps the fields of a FleetError and follows its causes', () => {
    const error = new FleetError('no', {
      code: 'X_Y',
      action: 'do',
      status: 409,
      context: { token: SECRET, n: 1 },
      cause: vendorError(),
    });
    const safe = safeError(error);
    expect(safe).toMatchObject({
      code: 'X_Y',
      action: 'do',
      status: 409,
      context: { token: '[redacted]', n: 1 },
    });
    expect(safe.cause).toMatchObject({ status: 502 });
    expect(JSON.stringify(safe)).not.toContain(SECRET);
  });

  it('lists the errors of an AggregateError, bounded', () => {
    const many = Array.from({ length: 50 }, (_, n) => new Error(`e${n}`));
    expect(safeError(new AggregateError(many, 'all')).errors).toHaveLength(10);
  });

  it('bounds message and body', () => {
    const safe = safeError(Object.assign(new Error('m'.repeat(9_999)), { body: 'b'.repeat(9_999) }));
    expect(safe.message.length).toBeLessThan(2_100);
    expect(safe.body?.length).toBeLessThan(1_100);
  });

  it('ends on a cause that is its own cause', () => {
    const error = new Error('loop');
    error.cause = new Error('inner', { cause: error });
    expect(() => JSON.stringify(safeError(error))).not.toThrow();
  });

  it.each([
    ['a string', `password=${SECRET}`],
    ['an object', { password: SECRET }],
    ['undefined', undefined],
    [
      'an object whose getter throws',
      Object.defineProperty({}, 'message', {
        get: () => {
          throw new Error('no');
        },
        enumerable: true,
      }),
    ],
  ])('takes %s that was thrown', (_name, thrown) => {
    expect(safeError(thrown).name).toBe('NonError');
    expect(JSON.stringify(safeError(thrown))).not.toContain(SECRET);
  });
});

describe('redactText', () => {
  it.each([
    [`redis://:${SECRET}@redis:6379/0`],
    [`postgres://risk:${SECRET}@db/fleet failed`],
    [`Authorization: Bearer ${SECRET}`],
    [`{"apiKey":"${SECRET}"}`],
    [`api_key=${SECRET}&other=1`],
    [`password: "${SECRET}"`],
    [`X-Admin-Token: ${SECRET}`],
    [`signature=${SECRET}`],
    [`xoxb-${SECRET}`],
    [`sk-ant-${SECRET}`],
    [`-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`],
  ])('masks %s', (text) => {
    const once = redactText(text);
    expect(once).not.toContain(SECRET);
    expect(redactText(once)).toBe(once);
  });

  it('leaves ordinary words alone', () => {
    const text = 'order btc-1 at 61000.5 was refused: 3 tokens left, see https://docs.example/a?b=c';
    expect(redactText(text)).toBe(text);
  });
});

describe('redactValue', () => {
  it('masks by name at every depth and keeps the rest', () => {
    const value = {
      a: { b: [{ apiSecret: SECRET, ok: 1 }] },
      headers: { cookie: SECRET },
      publicKey: 'pk',
      idempotencyKey: 'k',
    };
    expect(redactValue(value)).toEqual({
      a: { b: [{ apiSecret: '[redacted]', ok: 1 }] },
      headers: { cookie: '[redacted]' },
      publicKey: 'pk',
      idempotencyKey: 'k',
    });
  });

  it('shows that a secret is absent', () => {
    expect(redactValue({ adminToken: undefined, token: null })).toEqual({
      adminToken: undefined,
      token: null,
    });
  });

  it('ends on cycles, depth and width', () => {
    const ring: Record<string, unknown> = {};
    ring['self'] = ring;
    expect(redactValue(ring)).toEqual({ self: '[circular]' });
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`);
    expect(JSON.stringify(redactValue(deep))).toContain('[deeper]');
    expect(redactValue(Array.from({ length: 1_000 }, () => 1))).toHaveLength(200);
  });

  it('reads dates, maps, bytes, big integers and what has toJSON', () => {
    const value = {
      at: new Date(0),
      map: new Map([['token', SECRET]]),
      bytes: Buffer.from('ab'),
      n: 5n,
      d: { toJSON: () => '1.5' },
    };
    expect(redactValue(value)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      map: { token: '[redacted]' },
      bytes: '[2 bytes]',
      n: '5',
      d: '1.5',
    });
  });
});
