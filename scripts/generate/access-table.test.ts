import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root as checkout } from '../checks/source-tree.ts';
import { accessReference } from './access-table.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleet-access-'));
  service('lamps', ['GET /lamps', 'POST /admin/off']);
});
afterEach(() => rmSync(root, { recursive: true }));

function service(name: string, routes: string[]): void {
  const folder = join(root, 'services', name);
  mkdirSync(join(folder, 'src/http'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const endpoints = routes.map((route) => {
    const [method, path] = route.toLowerCase().split(' ');
    return { method, path };
  });
  const api = JSON.stringify({ service: name, endpoints });
  writeFileSync(join(folder, 'src/http/routes.ts'), `export const api = ${api};\n`);
}

const COMMON =
  '    GET /health: internal\n    GET /ready: internal\n    GET /metrics: internal\n    GET /status: viewer\n';
const EXCEPTIONS = ['health', 'ready', 'metrics']
  .map((path) => `  - { service: "*", route: GET /${path}, reason: asked by probes }\n`)
  .join('');

function put(rows: string, exceptions = ''): void {
  mkdirSync(join(root, 'config'), { recursive: true });
  writeFileSync(
    join(root, 'config/access.yaml'),
    `services:\n  lamps:\n${COMMON}${rows}exceptions:\n${EXCEPTIONS}${exceptions}`,
  );
}

test('a row for each route: the page, and no complaint', async () => {
  put('    GET /lamps: viewer\n    POST /admin/off: admin\n');
  const { files, problems } = await accessReference(root);
  expect(problems).toEqual([]);
  expect(files[0]?.content).toContain('| lamps | `POST /admin/off` | admin |');
});

test.each<[string, string, string, RegExp]>([
  [
    'a route without a row',
    '    GET /lamps: viewer\n',
    '',
    /lamps POST \/admin\/off: is a route without a row/,
  ],
  [
    'a row without a route',
    '    GET /lamps: viewer\n    POST /admin/off: admin\n    GET /gone: viewer\n',
    '',
    /lamps GET \/gone: is a row without a route/,
  ],
  [
    'an unusual role',
    '    GET /lamps: operator\n    POST /admin/off: admin\n',
    '',
    /list it under exceptions/,
  ],
  [
    'an open admin route',
    '    GET /lamps: viewer\n    POST /admin/off: viewer\n',
    '',
    /give it the role admin/,
  ],
  [
    'an idle exception',
    '    GET /lamps: viewer\n    POST /admin/off: admin\n',
    '  - { service: lamps, route: GET /lamps, reason: was needed once }\n',
    /excepts nothing/,
  ],
  ['no such role', '    GET /lamps: guest\n', '', /must be one of viewer/],
])('%s', async (_name, rows, exceptions, words) => {
  put(rows, exceptions);
  expect((await accessReference(root)).problems.join('\n')).toMatch(words);
});

test('a service without a section, and a section without a service', async () => {
  put('    GET /lamps: viewer\n    POST /admin/off: admin\n');
  service('fans', ['GET /fans']);
  rmSync(join(root, 'services/lamps'), { recursive: true });
  const { problems } = await accessReference(root);
  expect(problems.join('\n')).toMatch(/fans GET \/fans: is a route without a row/);
  expect(problems.join('\n')).toMatch(/access.yaml lamps: there is no such service/);
});

test('without the file it says so', async () => {
  expect((await accessReference(root)).problems.join()).toContain('does not exist');
});

test('the committed table can be read', async () => {
  cpSync(join(checkout, 'config'), join(root, 'config'), { recursive: true });
  expect((await accessReference(root)).files).toHaveLength(1);
});
