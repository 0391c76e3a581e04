import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorReference } from './error-reference.ts';
import { changedVersions, eventSchemas } from './event-schemas.ts';
import { differences, write } from './generated-files.ts';
import { table } from './markdown.ts';
import { openApiFiles } from './openapi.ts';
import { riskCodeReference } from './risk-codes.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleet-generate-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, content: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};

describe('differences and write', () => {
  const files = [
    { path: 'out/same.json', content: '1' },
    { path: 'out/changed.json', content: '2' },
    { path: 'out/new.json', content: '3' },
  ];
  const owned = [{ path: 'out', ending: '.json' }];

  it('names what is missing, changed and left over, and makes it equal', () => {
    put('out/same.json', '1');
    put('out/changed.json', 'old');
    put('out/gone.json', 'old');
    put('out/README.md', 'by hand');
    const found = differences(root, files, owned);
    expect(found).toEqual([
      { path: 'out/changed.json', kind: 'changed' },
      { path: 'out/gone.json', kind: 'left over' },
      { path: 'out/new.json', kind: 'missing' },
    ]);
    write(root, files, found);
    expect(differences(root, files, owned)).toEqual([]);
    expect(readdirSync(join(root, 'out')).sort()).toEqual([
      'README.md',
      'changed.json',
      'new.json',
      'same.json',
    ]);
    expect(readFileSync(join(root, 'out/changed.json'), 'utf8')).toBe('2');
  });
});

describe('event schemas', () => {
  const lamp = {
    type: 'lamp.switched',
    v: 1,
    stream: 'house.lamps',
    schema: z.object({ name: z.string(), on: z.boolean() }),
  };
  const committed = (files: readonly { path: string; content: string }[]) => (path: string) =>
    files.find((file) => file.path === path)?.content;

  it('writes one JSON Schema for each type and version', () => {
    const { files, problems } = eventSchemas([lamp, { ...lamp, v: 2 }]);
    expect(problems).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual([
      'docs/events/lamp.switched.v1.json',
      'docs/events/lamp.switched.v2.json',
    ]);
    expect(JSON.parse(files[0]!.content)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:fleet:event:lamp.switched:v1',
      type: 'object',
      required: ['name', 'on'],
    });
  });

  it('names the type that stands twice, and the schema that JSON cannot say', () => {
    const { problems } = eventSchemas([
      lamp,
      lamp,
      { ...lamp, type: 'lamp.odd', schema: z.object({ at: z.date() }) },
    ]);
    expect(problems[0]).toContain('lamp.switched.v1.json: two events');
    expect(problems[1]).toContain('lamp.odd.v1.json: its schema cannot be written');
  });

  it.each([
    ['the same schema', lamp.schema, []],
    ['other words', z.object({ name: z.string().meta({ description: 'Which one' }), on: z.boolean() }), []],
    [
      'another field',
      z.object({ name: z.string(), on: z.boolean(), watts: z.number().optional() }),
      ['docs/events/lamp.switched.v1.json'],
    ],
    [
      'another bound',
      z.object({ name: z.string().max(9), on: z.boolean() }),
      ['docs/events/lamp.switched.v1.json'],
    ],
  ])('compares under one version: %s', (_name, schema, expected) => {
    const before = eventSchemas([lamp]).files;
    expect(changedVersions(eventSchemas([{ ...lamp, schema }]).files, committed(before))).toEqual(expected);
  });

  it('lets a new version differ', () => {
    const before = eventSchemas([lamp]).files;
    const after = eventSchemas([lamp, { ...lamp, v: 2, schema: z.object({ id: z.string() }) }]).files;
    expect(changedVersions(after, committed(before))).toEqual([]);
  });
});

describe('references', () => {
  const broken = {
    code: 'LAMP_BROKEN',
    title: 'The lamp is broken',
    status: 503,
    retry: 'retry',
    action: 'Change | it.',
  } as const;
  const source = {
    path: 'packages/shared/src/lamps/bulb.ts',
    text: "export const Broken = defineError({\n  code: 'LAMP_BROKEN',\n",
  };

  it('lists the errors that stand in the source', () => {
    const { files, problems } = errorReference([broken, { ...broken, code: 'OF_A_TEST' }], [source]);
    expect(problems).toEqual([]);
    expect(files[0]?.content).toContain(
      '| `LAMP_BROKEN` | 503 | retry | The lamp is broken | Change \\| it. | shared/lamps |',
    );
    expect(files[0]?.content).not.toContain('OF_A_TEST');
  });

  it('names an error whose module was not loaded', () => {
    expect(errorReference([], [source]).problems).toEqual([
      expect.stringContaining('LAMP_BROKEN (shared/lamps) stands in the source'),
    ]);
  });

  it('lists classes of the pure core', () => {
    const text = "export class NoBulbError extends Error {\n  readonly code = 'NO_BULB';\n}";
    const { files } = errorReference([], [{ path: 'packages/domain/src/lamps/bulb.ts', text }]);
    expect(files[0]?.content).toContain(
      '| `NO_BULB` | `NoBulbError` | `packages/domain/src/lamps/bulb.ts` |',
    );
  });

  it('lists risk codes in their order and names one that stands twice', () => {
    const code = { code: 'TOO_BRIGHT', order: 1, raisesOnly: true, denies: 'Too bright.', action: 'Dim.' };
    expect(riskCodeReference([code]).files[0]?.content).toContain(
      '| 1 | `TOO_BRIGHT` | raising only | Too bright. | Dim. |',
    );
    expect(riskCodeReference([code, code]).problems).toEqual([
      'docs/risk-codes.md: TOO_BRIGHT is on the list twice',
    ]);
  });

  it('keeps a cell in its cell', () => {
    expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |');
  });
});

describe('openApiFiles', () => {
  const api = (service: string) =>
    `export const api = { service: '${service}', title: 'Lamps', description: 'd', endpoints: [] };`;

  it('writes a file for each service and names those that have no routes', async () => {
    for (const service of ['lamps', 'heating', 'doors', 'windows'])
      put(`services/${service}/package.json`, '{}');
    put('services/lamps/src/http/routes.ts', api('lamps'));
    put('services/doors/src/http/routes.ts', 'export const routes = [];');
    put('services/windows/src/http/routes.ts', api('window'));
    const { files, problems } = await openApiFiles(root, '1.2.3');
    expect(files.map(({ path }) => path)).toEqual(['openapi/lamps.yaml']);
    expect(files[0]?.content).toContain('title: Lamps\n  version: 1.2.3');
    expect(problems).toEqual([
      'openapi/doors.yaml: services/doors/src/http/routes.ts does not export `api`',
      'openapi/heating.yaml: services/heating/src/http/routes.ts is missing',
      'openapi/windows.yaml: its `api` says service "window"',
    ]);
  });
});
