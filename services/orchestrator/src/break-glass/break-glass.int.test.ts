import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceScene, until } from '@fleet/testkit/services';
import { afterAll, expect, test } from 'vitest';
import { DAY_START, marked, status } from '../../test/feed.ts';
import { ADMIN_TOKEN, PROGRAM, read, write } from '../../test/program.ts';

const { redis, start } = await serviceScene(PROGRAM, { emptied: true });
const folder = mkdtempSync(join(tmpdir(), 'break-glass-'));
const socket = join(folder, 'glass.sock');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly status: number;
  readonly body: { readonly code?: string; readonly detail?: string; readonly confirmed?: boolean };
}

function ask(path: string, body: unknown, method = 'POST'): Promise<Said> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, path, method }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    call.on('error', reject);
    call.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const mode = async () => JSON.parse((await redis.client.get('trading:state')) ?? '{}').mode;

async function serving() {
  const service = await start({ BREAK_GLASS_SOCKET: socket });
  await write(redis, marked(DAY_START, 1_000, { kind: 'opening' }));
  return service;
}

const REFUSED = [
  ['the way up', '/unhalt', { reason: 'go on' }, 'POST', 404, 'BREAK_GLASS_ONLY_DOWN'],
  ['another route', '/admin/orchestrate/unhalt', { reason: 'go on' }, 'POST', 404, 'BREAK_GLASS_ONLY_DOWN'],
  ['a property of every object', '/constructor', {}, 'POST', 404, 'BREAK_GLASS_ONLY_DOWN'],
  ['a GET', '/halt', '', 'GET', 404, 'BREAK_GLASS_ONLY_DOWN'],
  ['no reason', '/halt', {}, 'POST', 400, 'VALIDATION_FAILED'],
  ['a flatten', '/halt', { reason: 'x', flatten: true }, 'POST', 400, 'VALIDATION_FAILED'],
  ['a name with a line break', '/halt', { reason: 'x', by: 'a\nb' }, 'POST', 400, 'VALIDATION_FAILED'],
  ['no JSON', '/halt', 'now!', 'POST', 400, 'BODY_NOT_JSON'],
  ['too much', '/halt', `"${'x'.repeat(5_000)}"`, 'POST', 400, 'BODY_NOT_JSON'],
] as const;

test('a halt holds, is confirmed by the executor, audited and told to everybody; there is no way up', async () => {
  const service = await serving();
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const halting = ask('/halt', { reason: 'sign-in is down', by: 'anna@example.com' });
  await until(async () => (await mode()) === 'HALTED');
  const { epoch } = JSON.parse((await redis.client.get('trading:state')) ?? '{}') as { epoch: number };
  await write(redis, status('trading-state.applied', { epoch, mode: 'HALTED', figures: {} }));
  expect(await halting).toMatchObject({
    status: 200,
    body: {
      confirmed: true,
      changed: true,
      trading: { mode: 'HALTED', actor: 'break-glass:anna@example.com' },
    },
  });
  const told = () => read<{ code: string }>(redis, 'notify.events');
  await until(async () => (await told()).some(({ data }) => data.code === 'BREAK_GLASS_USED'));
  const audit = (await service.get('/admin/audit?limit=500', { 'x-admin-token': ADMIN_TOKEN })).body as {
    entries: { body: { kind: string; actor: string; detail: object } }[];
  };
  expect(audit.entries.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({
      kind: 'break-glass.used',
      actor: 'break-glass:anna@example.com',
      detail: { asked: 'halt.requested', reason: 'sign-in is down' },
    }),
  );
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^break_glass_uses_total\{.*asked="halt.requested".*\} 1$/m);
  for (const [name, path, body, method, expected, code] of REFUSED) {
    expect(await ask(path, body, method), name).toMatchObject({ status: expected, body: { code } });
    expect(await mode(), name).toBe('HALTED');
  }
});

test('a reduction makes the state smaller and does not lift a halt', async () => {
  await serving();
  expect(await ask('/reduce', { reason: 'less risk' })).toMatchObject({
    status: 200,
    body: { changed: true, trading: { mode: 'REDUCING', actor: 'break-glass:unnamed' } },
  });
  const halting = ask('/halt', { reason: 'nothing at all' });
  await until(async () => (await mode()) === 'HALTED');
  const { epoch } = JSON.parse((await redis.client.get('trading:state')) ?? '{}') as { epoch: number };
  await write(redis, status('trading-state.applied', { epoch, mode: 'HALTED', figures: {} }));
  expect((await halting).status).toBe(200);
  expect(await ask('/reduce', { reason: 'less risk again' })).toMatchObject({
    status: 200,
    body: { changed: false, trading: { mode: 'HALTED' } },
  });
  expect(await mode()).toBe('HALTED');
});
