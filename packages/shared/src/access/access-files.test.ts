import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AccessFiles } from './access-files.ts';
import { digest } from './hashes.ts';

const HASH = digest('one').toString('hex');
const OTHER = digest('two').toString('hex');
const OPERATORS = 'operators:\n  - { identity: anna@fleet.test, role: admin, certificates: [] }\n';

let folder: string;
let now: number;
const heard: (readonly string[])[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-files-'));
  now = 0;
  heard.length = 0;
  write('operators.yaml', OPERATORS);
  write('revoked-certificates.txt', '');
  write('edge_secret_hashes', `# old and new\n${HASH}\n\n${OTHER} # since today\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(folder, `.${name}`), text);
  chmodSync(join(folder, `.${name}`), mode);
  renameSync(join(folder, `.${name}`), join(folder, name));
}

const open = () =>
  new AccessFiles({
    ...{ accessDir: folder, configDir: folder, identitySource: 'oidc', allowedOrigins: [] },
    monotonic: () => now,
    onChange: (_policy, faults) => void heard.push(faults),
  });

test('what there is counts, and a gate without a file is shut and named', () => {
  const files = open();
  expect(files.policy().edgeSecrets).toHaveLength(2);
  expect(files.policy().people.get('anna@fleet.test')?.role).toBe('admin');
  expect(files.policy().adminTokens).toEqual([]);
  expect(files.missing().map((path) => path.split('/').at(-1))).toEqual([
    'edge_admin_secret_hashes',
    'admin_token_hashes',
    'service_secret_hashes',
  ]);
  expect(files.faults()).toEqual([]);
});

describe('at the start', () => {
  test.each<[string, string, string, RegExp]>([
    ['a hash that is none', 'edge_secret_hashes', `${HASH}\nsecret\n`, /edge_secret_hashes:2: is no SHA-256/],
    ['an upper-case hash', 'admin_token_hashes', HASH.toUpperCase(), /admin_token_hashes:1/],
    ['five hashes', 'admin_token_hashes', `${HASH}\n`.repeat(5), /5 hashes/],
    [
      'a service that is admin',
      'service_secret_hashes',
      `${HASH} hub admin`,
      /role other than viewer or operator/,
    ],
    ['half a line', 'service_secret_hashes', `${HASH} hub`, /a role other/],
    ['a person twice', 'operators.yaml', OPERATORS + OPERATORS.split('\n')[1], /is listed twice/],
    ['a role that is none', 'operators.yaml', OPERATORS.replace('admin', 'root'), /viewer, operator, admin/],
    ['no YAML', 'operators.yaml', 'operators: [', /not valid YAML/],
    [
      'a fingerprint with colons',
      'revoked-certificates.txt',
      'AA:BB',
      /revoked-certificates.txt:1: is no SHA-256 f/,
    ],
  ])('%s stops it', (_name, file, text, words) => {
    write(file, text);
    expect(open).toThrow(words);
    // A secret in the wrong place must not come out in the message.
    if (file.endsWith('_hashes')) expect(open).not.toThrow(/ secret\b(?! in)/);
  });

  test('a file for all to read stops it', () => {
    write('admin_token_hashes', HASH, 0o644);
    expect(open).toThrow(/can be used by others than its owner → run: chmod 0400/);
  });

  test.each(['operators.yaml', 'revoked-certificates.txt'])('%s must be there', (name) => {
    rmSync(join(folder, name));
    expect(open).toThrow(/does not exist/);
  });

  test('a folder in a file’s place stops it', () => {
    mkdirSync(join(folder, 'admin_token_hashes'));
    expect(open).toThrow(/is not a file/);
  });
});

describe('later', () => {
  test('a change counts after a second at most, one replaced by rename too', () => {
    const files = open();
    write('edge_secret_hashes', `${OTHER}\n`);
    now = 999;
    expect(files.policy().edgeSecrets).toHaveLength(2);
    now = 1_000;
    expect(files.policy().edgeSecrets).toEqual([digest('two')]);
    expect(heard).toEqual([[]]);
  });

  test('a file that comes is read', () => {
    const files = open();
    write('admin_token_hashes', HASH);
    now = 1_000;
    expect(files.policy().adminTokens).toEqual([digest('one')]);
    expect(files.missing()).toHaveLength(2);
  });

  test.each<[string, () => void, RegExp]>([
    ['breaks', () => write('operators.yaml', 'people: []'), /operators.yaml/],
    ['goes', () => rmSync(join(folder, 'operators.yaml')), /is gone; what it said last still holds/],
  ])('one that %s leaves what it said last, is told once, and heals', (_name, harm, words) => {
    const files = open();
    harm();
    for (now of [1_000, 2_000, 3_000]) expect(files.policy().people.size).toBe(1);
    expect(files.faults().join()).toMatch(words);
    expect(files.faultsByFile().get('operators.yaml')).toBe(1);
    expect(heard).toHaveLength(1);
    write('operators.yaml', 'operators: []');
    now = 4_000;
    expect(files.policy().people.size).toBe(0);
    expect(files.faults()).toEqual([]);
    expect(heard).toHaveLength(2);
  });
});
