import { describe, expect, test } from 'vitest';
import type { AccessTable } from './access-table.ts';
import { accessTableFaults, assertRoutes, idleExceptions, RouteTable } from './route-table.ts';

const table = new RouteTable({
  'GET /status': 'viewer',
  'GET /metrics': 'internal',
  'GET /lamps/{id}': 'viewer',
  'GET /lamps/secret': 'operator',
  'POST /lamps': 'operator',
  'POST /hook': 'public',
  'GET /admin/audit': 'admin',
  'GET /access/certified': 'certified',
});

describe('a request falls under', () => {
  test.each([
    ['GET', '/status', 'viewer', 'GET /status'],
    ['HEAD', '/status', 'viewer', 'GET /status'],
    ['OPTIONS', '/status', 'viewer', 'GET /status'],
    ['GET', '/metrics', 'internal', 'GET /metrics'],
    ['GET', '/lamps/hall', 'viewer', 'GET /lamps/{id}'],
    ['GET', '/lamps/%2e%2e', 'viewer', 'GET /lamps/{id}'],
    ['POST', '/hook', 'public', 'POST /hook'],
    // Of two rows the stricter one.
    ['GET', '/lamps/secret', 'operator', 'GET /lamps/secret'],
    // No row: the usual role of method and path.
    ['GET', '/lamps/', 'viewer', undefined],
    ['GET', '/Metrics', 'viewer', undefined],
    ['GET', '/metrics/', 'viewer', undefined],
    ['GET', '//metrics', 'viewer', undefined],
    ['POST', '/metrics', 'operator', undefined],
    ['POST', '/hook/', 'operator', undefined],
    ['DELETE', '/lamps', 'operator', undefined],
    ['GET', '/admin', 'admin', undefined],
    ['GET', '//Admin/audit', 'admin', undefined],
    ['PROPFIND', '/admin/audit', 'admin', undefined],
    ['GET', '/access/certified', 'certified', 'GET /access/certified'],
    ['GET', '/access/other', 'certified', undefined],
  ])('%s %s: %s', (method, path, role, route) => {
    expect(table.match(method, path)).toEqual({ role, route });
  });
});

const good: AccessTable = {
  services: { lamps: { 'GET /status': 'viewer', 'GET /metrics': 'internal', 'POST /admin/off': 'admin' } },
  exceptions: [{ service: '*', route: 'GET /metrics', reason: 'scraped inside' }],
};
const routes = ['GET /status', 'GET /metrics', 'POST /admin/off'];
const withRow = (route: string, role: 'viewer' | 'operator' | 'internal' | 'certified'): AccessTable => ({
  ...good,
  services: { lamps: { ...good.services['lamps'], [route]: role } },
});

describe('the table is checked', () => {
  test('a good one', () => {
    expect(accessTableFaults(good, 'lamps', routes, true)).toEqual([]);
    expect(idleExceptions(good)).toEqual([]);
  });

  test.each<[string, AccessTable, string[], RegExp]>([
    [
      'a route without a row',
      good,
      [...routes, 'GET /new'],
      /GET \/new: is a route without a row; .* viewer/,
    ],
    ['a row without a route', withRow('GET /old', 'viewer'), routes, /GET \/old: is a row without a route/],
    ['an admin route for others', withRow('POST /admin/off', 'operator'), routes, /give it the role admin/],
    [
      'a GET above viewer',
      withRow('GET /status', 'operator'),
      routes,
      /GET \/status: .* list it under exceptions/,
    ],
    [
      'a POST below operator',
      withRow('POST /x', 'viewer'),
      [...routes, 'POST /x'],
      /POST \/x: .* exceptions/,
    ],
    [
      'what the edge asks, open to every viewer',
      withRow('GET /access/certified', 'viewer'),
      [...routes, 'GET /access/certified'],
      /is asked by the edge and has the role viewer; give it certified/,
    ],
    [
      'a certified route that changes something',
      withRow('POST /access/x', 'certified'),
      [...routes, 'POST /access/x'],
      /is certified and no GET/,
    ],
    ['an admin route that is internal', withRow('POST /admin/off', 'internal'), routes, /role admin/],
  ])('%s', (_name, wrong, served, words) => {
    const lines = accessTableFaults(wrong, 'lamps', served, true).map(
      ({ name, problem, action }) => `${name}: ${problem}; ${action}`,
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(words);
  });

  test('an exception that excepts nothing', () => {
    const idle = { ...good, exceptions: [{ service: 'lamps', route: 'GET /status', reason: 'once needed' }] };
    expect(idleExceptions(idle)).toMatchObject([{ problem: 'excepts nothing' }]);
  });

  test('a start with a row too many goes on, with one missing it does not', () => {
    expect(() => assertRoutes(good, 'lamps', ['GET /status'])).not.toThrow();
    expect(() => assertRoutes(good, 'lamps', [...routes, 'GET /new'])).toThrow(/GET \/new/);
    expect(() => assertRoutes(good, 'other', ['GET /status'])).toThrow(/other GET \/status/);
  });
});
