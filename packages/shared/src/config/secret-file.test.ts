import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessFault, assertSecretFolder, readSecretFile } from './secret-file.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secret-file-'));
  file = join(dir, 'token');
  writeFileSync(file, 'a-secret\n', { mode: 0o400 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const faultOf = (name = 'ADMIN_TOKEN') => {
  const read = readSecretFile(name, file);
  return 'fault' in read ? read.fault : undefined;
};
const message = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const instead = (act: () => void): void => {
  rmSync(file);
  act();
};
const isRoot = process.getuid?.() === 0;

describe('a file with a secret', () => {
  it('is read without the newline at its end', () => {
    expect(readSecretFile('ADMIN_TOKEN', file)).toEqual({ value: 'a-secret' });
  });

  it.each([
    ['missing', () => rmSync(file), /does not exist/, /create the file/],
    [
      'empty',
      () => instead(() => writeFileSync(file, ' \n', { mode: 0o400 })),
      /is empty/,
      /write the value/,
    ],
    [
      'of its group',
      () => chmodSync(file, 0o440),
      /others than its owner can use \(mode 0440\)/,
      /chmod 0400/,
    ],
    [
      'world-readable',
      () => chmodSync(file, 0o444),
      /others than its owner can use \(mode 0444\)/,
      /chmod 0400/,
    ],
    ['a folder', () => instead(() => mkdirSync(file)), /is not a file/, /name a file/],
    [
      'too large',
      () => instead(() => writeFileSync(file, 'x'.repeat(70_000))),
      /more than 65536/,
      /right file/,
    ],
  ])('that is %s is refused, and what to do is said', (_, act, problem, action) => {
    act();
    expect(faultOf()).toEqual({
      problem: expect.stringMatching(problem) as string,
      action: expect.stringMatching(action) as string,
    });
  });

  it('of another user is refused; root’s and one’s own are not', () => {
    const stats = (uid: number) => ({ mode: 0o100400, uid, isDirectory: () => false });
    expect(accessFault(stats(999), '/run/secrets/x', 1000)?.problem).toBe(
      'belongs to user 999, and this service is user 1000: /run/secrets/x',
    );
    expect(accessFault(stats(999), '/x', 1000)?.action).toMatch(/chown 1000 \/x/);
    expect([0, 1000].map((uid) => accessFault(stats(uid), '/x', 1000))).toEqual([undefined, undefined]);
    expect(accessFault(stats(999), '/x', 0)).toBeUndefined();
  });

  it('may be read by all when it is no secret', () => {
    chmodSync(file, 0o444);
    expect(faultOf('RISK_PUBLIC_KEY')).toBeUndefined();
  });
});

describe('a folder of secrets', () => {
  it('of mode 0700 is taken', () => {
    expect(() => assertSecretFolder('ACCESS_DIR', dir)).not.toThrow();
  });

  it.each([
    ['missing', () => rmSync(dir, { recursive: true }), /ACCESS_DIR.*does not exist[\s\S]*init-secrets/],
    [
      'open to all',
      () => chmodSync(dir, 0o755),
      /others than its owner can use \(mode 0755\)[\s\S]*chmod 0700/,
    ],
  ])('that is %s is refused', (_, act, words) => {
    act();
    expect(message(() => assertSecretFolder('ACCESS_DIR', dir))).toMatch(words);
  });

  it('that is a file is refused', () => {
    expect(message(() => assertSecretFolder('ACCESS_DIR', file))).toMatch(/is not a folder/);
  });

  it.runIf(isRoot)('of another user is refused by an ordinary one', () => {
    chownSync(dir, 999, 999);
    expect(message(() => assertSecretFolder('ACCESS_DIR', dir, 1000))).toMatch(/belongs to user 999/);
    // As the user itself, who may not even look into a folder that it does not own.
    const program = `import('${import.meta.dirname}/secret-file.ts').then(({ readSecretFile }) => console.log(readSecretFile('ADMIN_TOKEN', '${file}').fault.problem))`;
    const ran = spawnSync(
      'setpriv',
      ['--reuid=1000', '--regid=1000', '--clear-groups', process.execPath, '-e', program],
      { encoding: 'utf8' },
    );
    expect(`${ran.stdout}${ran.stderr}`).toContain('names a file that this user may not read');
  });
});
