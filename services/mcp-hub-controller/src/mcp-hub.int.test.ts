import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { testDatabase, testRedis } from '@fleet/testkit/infrastructure';
import {
  preparePlace,
  type RunningService,
  type ServicePlace,
  type ServiceProgram,
  startService,
} from '@fleet/testkit/services';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fakeFleet } from '../test/fake-fleet.ts';

const database = await testDatabase();
const redis = await testRedis();
const fleet = await fakeFleet();
const role = `role_${database.name}`;
const TOKEN = 'token-of-the-mcp-client';
const ADMIN_TOKEN = 'admin-token-of-the-test';
const REVISION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Ready says enough: it has no runner that could lead. */
const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'mcp',
  run: 'mcp-test',
  env: () => ({ ADMIN_TOKEN, MCP_TOKEN: TOKEN, MCP_CALLS_PER_MINUTE: '1000', ...addresses() }),
  started: async ({ url }) => (await fetch(`${url}/ready`).catch(() => undefined))?.ok === true,
};

let place: ServicePlace;
let service: RunningService;
let port: string;
const log = () => service.log();

function addresses(): Record<string, string> {
  const names = ['ORCHESTRATOR', 'PORTFOLIO_MANAGER', 'MARKET_ANALYST', 'RISK_MANAGER', 'TRADE_EXECUTOR'];
  const others = ['NOTIFICATION_MANAGER', 'PARAMETER_OPTIMIZER'];
  return Object.fromEntries([...names, ...others].map((name) => [`${name}_URL`, fleet.url]));
}

beforeAll(async () => {
  place = await preparePlace(database, PROGRAM);
  service = await startService(PROGRAM, { ...place, redisUrl: redis.url });
  port = new URL(service.url).port;
});

afterAll(async () => {
  const { code } = await service.process.stop(5_000);
  await fleet.close();
  await place.clean();
  expect(code).toBe(0);
});

beforeEach(async () => {
  fleet.asked.length = 0;
  for (const path of Object.keys(fleet.answers)) delete fleet.answers[path];
  await database.pool.query('delete from mcp.calls');
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: never;
}

/** Raw, because fetch sets Host by itself. */
function send(
  path: string,
  body: string,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Answer> {
  const usual = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Promise((resolve, reject) => {
    const all = { ...usual, authorization: `Bearer ${TOKEN}`, ...headers };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: given }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: json as never });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function modern(method: string, params: object = {}, headers: Record<string, string> = {}) {
  const body = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } };
  const name = 'name' in params ? { 'mcp-name': String(params.name) } : {};
  return send('/mcp', JSON.stringify(body), {
    'mcp-protocol-version': REVISION,
    'mcp-method': method,
    ...name,
    ...headers,
  });
}
const callTool = (name: string, input: object = {}, headers: Record<string, string> = {}) =>
  modern('tools/call', { name, arguments: input }, headers);
const records = async () =>
  (
    await database.pool.query(
      'select tool, via, outcome, error_code, latency_ms from mcp.calls order by begun_at',
    )
  ).rows;

describe('revision 2026-07-28', () => {
  test('server/discover says who this is and that it only reads', async () => {
    const { status, json } = await modern('server/discover');
    expect(status).toBe(200);
    expect(JSON.stringify(json)).toContain('Read-only view');
  });

  test('tools/list has every tool with its schema, all read-only', async () => {
    const { status, json } = await modern('tools/list');
    expect(status).toBe(200);
    const { tools } = (
      json as { result: { tools: { name: string; annotations: object; inputSchema: object }[] } }
    ).result;
    expect(tools.map(({ name }) => name)).toEqual([
      ...['fleet_state', 'pnl', 'holdings', 'open_orders', 'recent_decisions', 'why', 'dlq_summary'],
    ]);
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  test.each([
    ['pnl', {}, '/pnl/status', '/pnl/status', 'pnl', undefined],
    ['holdings', {}, '/portfolio/holdings', '/portfolio/holdings', 'holdings', undefined],
    ['open_orders', {}, '/trade/open', '/trade/open', 'orders', undefined],
    ['recent_decisions', { limit: 3 }, '/risk/decisions', '/risk/decisions?limit=3', 'decisions', undefined],
    ['why', { orderId: 'abc' }, '/orders/abc/why', '/orders/abc/why', 'chain', undefined],
    ['dlq_summary', {}, '/admin/streams/dlq', '/admin/streams/dlq', 'deadLetters', ADMIN_TOKEN],
  ])('%s asks its service and hands the answer on', async (name, input, path, asked, field, adminToken) => {
    fleet.answers[path] = { status: 200, body: { said: name, hidden: 'a\u200bb' } };
    const { status, json } = await callTool(name, input);
    expect(status).toBe(200);
    expect(json).toMatchObject({ result: { structuredContent: { [field]: { said: name, hidden: 'ab' } } } });
    expect(fleet.asked).toMatchObject([{ method: 'GET', path: asked, adminToken }]);
    expect(await records()).toMatchObject([{ tool: name, via: 'mcp', outcome: 'ok', error_code: null }]);
  });

  test('fleet_state names each service that is not ready', async () => {
    fleet.answers['/status'] = { status: 200, body: { state: 'ACTIVE' } };
    fleet.answers['/ready'] = { status: 503, body: { code: 'NOT_READY', detail: 'Postgres is away' } };
    const { json } = await callTool('fleet_state');
    const content = (json as { result: { structuredContent: { services: object[] } } }).result
      .structuredContent;
    expect(content).toMatchObject({ orchestrator: { state: 'ACTIVE' } });
    expect(content.services).toHaveLength(7);
    expect(content.services[0]).toMatchObject({
      ready: false,
      missing: expect.stringContaining('Postgres is away'),
    });
  });

  test('a service that fails is an honest error of the tool', async () => {
    fleet.answers['/pnl/status'] = {
      status: 503,
      body: { code: 'NOT_READY', detail: 'no mark yet', action: 'Wait.' },
    };
    const { status, json } = await callTool('pnl');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining('no mark yet') }] },
    });
    expect(await records()).toMatchObject([{ outcome: 'failed', error_code: 'SERVICE_REFUSED' }]);
  });

  test('arguments that do not fit and unknown tools are refused and recorded', async () => {
    const input = await callTool('recent_decisions', { limit: 1_000 });
    expect(input.json).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(/^TOOL_INPUT_INVALID/) }] },
    });
    const path = await callTool('why', { orderId: '../admin/x' });
    expect(path.json).toMatchObject({ result: { isError: true } });
    const unknown = await callTool('place_order', { symbol: 'BTCUSDT' });
    expect(unknown.json).toMatchObject({ error: { code: -32602 } });
    expect(fleet.asked).toEqual([]);
    expect((await records()).map((row) => row.error_code)).toEqual([
      'TOOL_INPUT_INVALID',
      'TOOL_INPUT_INVALID',
      'TOOL_UNKNOWN',
    ]);
  });

  test('headers that are missing or do not say what the body says are refused', async () => {
    expect((await modern('tools/list', {}, { 'mcp-method': 'tools/call' })).status).toBe(400);
    expect((await modern('tools/list', {}, { 'mcp-method': '' })).status).toBe(400);
    expect((await modern('tools/list', {}, { 'mcp-protocol-version': '' })).status).toBe(400);
    expect((await callTool('pnl', {}, { 'mcp-name': 'holdings' })).status).toBe(400);
    expect(await records()).toEqual([]);
  });
});

describe('older revisions', () => {
  const legacy = (method: string, params: object, version = '2025-11-25') =>
    send('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), {
      'mcp-protocol-version': version,
    });
  const resultOf = ({ text }: Answer) => JSON.parse(/(\{.*\})/s.exec(text)?.[1] ?? 'null');

  test.each(['2025-11-25', '2025-06-18', '2025-03-26'])(
    '%s: initialize, list, call, without a session',
    async (version) => {
      const clientInfo = { name: 'old', version: '1' };
      const opened = await legacy(
        'initialize',
        { protocolVersion: version, capabilities: {}, clientInfo },
        version,
      );
      expect(resultOf(opened)).toMatchObject({ result: { protocolVersion: version } });
      expect(opened.headers['mcp-session-id']).toBeUndefined();
      expect(resultOf(await legacy('tools/list', {}, version)).result.tools).toHaveLength(7);
      fleet.answers['/pnl/status'] = { status: 200, body: { equity: '100' } };
      const called = await legacy('tools/call', { name: 'pnl', arguments: {} }, version);
      expect(resultOf(called).result.content[0].text).toBe('{"pnl":{"equity":"100"}}');
      expect(await records()).toMatchObject([{ tool: 'pnl', outcome: 'ok' }]);
    },
  );
});

describe('who may ask', () => {
  const pnl = () => JSON.stringify({ tool: 'pnl' });
  test.each(['/mcp', '/mcp/command'])('%s: token, Host and Origin', async (path) => {
    expect((await send(path, pnl(), { authorization: '' })).status).toBe(401);
    const wrong = await send(path, pnl(), { authorization: 'Bearer nearly-the-token' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toContain('invalid_token');
    expect((await send(path, pnl(), { host: 'evil.example:80' })).status).toBe(403);
    expect((await send(path, pnl(), { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(path, pnl(), { origin: 'null' })).status).toBe(403);
    expect(fleet.asked).toEqual([]);
    expect(await records()).toEqual([]);
  });

  test('an allowed page may', async () => {
    expect((await modern('tools/list', {}, { origin: 'http://localhost:3000' })).status).toBe(200);
  });

  test('GET and DELETE of the session protocol are refused', async () => {
    expect((await send('/mcp', '', {}, 'GET')).status).toBe(405);
    expect((await send('/mcp', '', {}, 'DELETE')).status).toBe(405);
  });
});

test('bad bodies', async () => {
  expect((await send('/mcp', '{')).status).toBe(400);
  expect((await send('/mcp', '')).status).toBe(400);
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pnl', arguments: {} } };
  const batch = await send('/mcp', ` ${JSON.stringify([call, { ...call, id: 2 }])}`);
  expect(batch).toMatchObject({ status: 400, json: { detail: expect.stringContaining('batches') } });
  expect((await send('/mcp', JSON.stringify({ text: 'x'.repeat(200_000) }))).status).toBe(413);
  expect((await send('/mcp', '{}', { 'content-type': 'text/plain' })).status).toBeGreaterThanOrEqual(400);
  expect((await send('/mcp/command', '{"tool":"pnl","more":1}')).status).toBe(400);
  expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
});

test('the same tools over plain HTTP', async () => {
  fleet.answers['/portfolio/holdings'] = { status: 200, body: { cash: '5' } };
  const found = await send('/mcp/command', JSON.stringify({ tool: 'holdings' }));
  expect(found).toMatchObject({
    status: 200,
    json: { tool: 'holdings', result: { holdings: { cash: '5' } } },
  });
  const unknown = await send('/mcp/command', JSON.stringify({ tool: 'place_order' }));
  expect(unknown).toMatchObject({ status: 404, json: { code: 'TOOL_UNKNOWN' } });
  expect(await records()).toMatchObject([
    { via: 'command', outcome: 'ok' },
    { via: 'command', outcome: 'refused' },
  ]);
});

test('status and servers', async () => {
  await callTool('place_order');
  const status = await (await fetch(`http://127.0.0.1:${port}/mcp/status`)).json();
  expect(status).toMatchObject({
    open: true,
    calls: [{ tool: 'place_order', outcome: 'refused', calls: 1 }],
  });
  const admin = { headers: { 'x-admin-token': ADMIN_TOKEN } };
  const servers = await fetch(`http://127.0.0.1:${port}/admin/mcp/servers`, admin);
  expect(await servers.json()).toMatchObject({
    servers: [{ name: 'fleet', kind: 'built-in', tools: { length: 7 } }],
  });
  expect((await fetch(`http://127.0.0.1:${port}/admin/mcp/servers`)).status).toBe(401);
  expect(log()).not.toContain(TOKEN);
});

test('without its database nothing is asked, and that is said', async () => {
  await database.pool.query(`revoke insert on mcp.calls from ${role}`);
  try {
    const { json } = await callTool('pnl');
    expect(json).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(/^CALL_NOT_RECORDED/) }] },
    });
    expect(fleet.asked).toEqual([]);
  } finally {
    await database.pool.query(`grant insert on mcp.calls to ${role}`);
  }
});
