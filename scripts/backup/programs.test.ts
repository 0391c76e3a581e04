import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAMS = join(import.meta.dirname, '../../backup');
const SEGMENT_BYTES = 4_096;
const DAMAGED = 200;

let folder = '';
const at = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  for (const name of ['bin', 'runtime', 'figures', 'data/pg_wal', 'wal', 'store', 'state', 'scratch'])
    mkdirSync(at(name), { recursive: true });
  // What these two of Postgres say is all that is asked of them here.
  writeFileSync(at('bin/pg_controldata'), `#!/bin/sh\necho 'Bytes per WAL segment:    ${SEGMENT_BYTES}'\n`, {
    mode: 0o755,
  });
  writeFileSync(at('bin/pg_archivecleanup'), `#!/bin/sh\necho "$@" >${at('cleaned')}\n`, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bash(words: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync('bash', words, {
    cwd: at('data'),
    encoding: 'utf8',
    // A bash that finds a socket there takes itself for one of rsh and reads a person's settings.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${at('bin')}:${process.env['PATH']}`,
      ...{ BACKUP_ROOT: folder, BACKUP_RUNTIME_DIR: at('runtime'), BACKUP_FIGURES_DIR: at('figures') },
      ...env,
    },
  });
  return { code: status, stdout, stderr };
}
const backup = (words: readonly string[], env?: Readonly<Record<string, string>>): Ran =>
  bash([join(PROGRAMS, 'backup'), ...words], env);
/** Words of the shell with everything that the program sources. */
const inside = (script: string, env?: Readonly<Record<string, string>>): Ran =>
  bash(
    [
      '-euo',
      'pipefail',
      '-c',
      `here=${PROGRAMS}; for part in "$here"/lib/*.sh; do . "$part"; done; ${script}`,
    ],
    env,
  );

describe('settings', () => {
  it.each([
    ['BACKUP_KEEP', '0'],
    ['BACKUP_EVERY_HOURS', 'daily'],
    ['BACKUP_DRILL_EVERY_HOURS', '-1'],
  ])('%s=%s ends it with what to do', (name, value) => {
    const { code, stderr } = backup(['run'], { [name]: value });
    expect(code).toBe(78);
    expect(stderr).toContain(`${name} is "${value}"`);
    expect(stderr).toContain('what to do: correct it in .env');
  });

  it('an unknown command lists the known ones', () => {
    const { code, stdout } = backup(['backup']);
    expect(code).toBe(64);
    expect(stdout).toContain('backup drill');
  });
});

describe('fetch-wal', () => {
  const NAME = '00000001000000000000000A';
  const LATER = '00000001000000000000000B';
  const segment = Buffer.alloc(SEGMENT_BYTES, 'wal ');
  const fetch = () => backup(['fetch-wal', at('wal'), NAME, at('data/pg_wal/target')]);
  const target = () => readFileSync(at('data/pg_wal/target'));
  /** As the receiver leaves it: flushed, not ended. */
  const begun = (bytes: number) =>
    gzipSync(segment.subarray(0, bytes), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -2);

  it('hands out a whole segment', () => {
    writeFileSync(at('wal', `${NAME}.gz`), gzipSync(segment));
    expect(fetch().code).toBe(0);
    expect(target().equals(segment)).toBe(true);
  });

  it('hands out what there is of the one being written, with nothing behind it', () => {
    writeFileSync(at('wal', `${NAME}.gz.partial`), begun(1_000));
    expect(fetch().code).toBe(0);
    expect(target().length).toBe(SEGMENT_BYTES);
    expect(target().subarray(0, 900).equals(segment.subarray(0, 900))).toBe(true);
    expect(
      target()
        .subarray(1_000)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  it('takes the one that was set aside as long as it knows more', () => {
    writeFileSync(at('wal', `${NAME}.gz.kept`), begun(3_000));
    writeFileSync(at('wal', `${NAME}.gz.partial`), begun(1_000));
    fetch();
    expect(target().subarray(0, 2_900).equals(segment.subarray(0, 2_900))).toBe(true);
    writeFileSync(at('wal', `${NAME}.gz.partial`), begun(4_000));
    fetch();
    expect(target().subarray(0, 3_900).equals(segment.subarray(0, 3_900))).toBe(true);
  });

  it('says where the WAL ends', () => {
    writeFileSync(at('wal', '000000010000000000000009.gz'), gzipSync(segment));
    expect(fetch().code).toBe(1);
  });

  it('does not take a gap or a damaged segment for the end', () => {
    writeFileSync(at('wal', `${LATER}.gz.partial`), begun(10));
    const gap = fetch();
    expect(gap.code).toBe(DAMAGED);
    expect(gap.stderr).toContain(`${NAME} is missing`);
    writeFileSync(at('wal', `${NAME}.gz`), gzipSync(segment).subarray(0, 20));
    const damaged = fetch();
    expect(damaged.code).toBe(DAMAGED);
    expect(damaged.stderr).toContain(`${NAME}.gz is damaged`);
    expect(existsSync(at('data/pg_wal/target'))).toBe(false);
  });

  it('leaves one to the base backup that brought it, and a missing history file is none', () => {
    writeFileSync(at('wal', `${LATER}.gz`), gzipSync(segment));
    writeFileSync(at('data/pg_wal', NAME), segment);
    expect(fetch().code).toBe(1);
    expect(backup(['fetch-wal', at('wal'), '00000002.history', at('data/h')]).code).toBe(1);
  });
});

describe('what is kept', () => {
  const CURRENT = '77-1.20260101T000000Z';
  const day = (number: number): string => `202601${String(number).padStart(2, '0')}T000000Z`;

  function base(lineage: string, name: string, fate?: 'passed' | 'failed'): void {
    mkdirSync(at('store', lineage, 'base', name), { recursive: true });
    mkdirSync(at('store', lineage, 'wal'), { recursive: true });
    writeFileSync(
      at('store', lineage, 'base', `${name}.facts`),
      `first_wal|0000000100000000000000${name.slice(6, 8)}\n`,
    );
    if (fate !== undefined) writeFileSync(at('store', lineage, 'base', `${name}.${fate}`), 'a reason\n');
  }
  const names = (lineage: string): string[] =>
    readdirSync(at('store', lineage, 'base')).filter((name) => name.endsWith('Z'));
  const prune = (keep: string): Ran => inside(`prune "${at('store', CURRENT)}"`, { BACKUP_KEEP: keep });

  it('are the newest good ones, one that failed, and WAL from the oldest of them on', () => {
    for (let i = 1; i <= 6; i += 1) base(CURRENT, day(i), 'passed');
    for (const i of [7, 8]) base(CURRENT, day(i), 'failed');
    const { code, stderr } = prune('3');
    expect([code, stderr]).toEqual([0, '']);
    expect(names(CURRENT)).toEqual([4, 5, 6, 8].map(day));
    expect(readdirSync(at('store', CURRENT, 'base')).some((name) => name.startsWith(day(7)))).toBe(false);
    expect(readFileSync(at('cleaned'), 'utf8')).toContain(`${CURRENT}/wal 000000010000000000000004`);
  });

  it('never lose the last good one to those that fail', () => {
    base(CURRENT, day(1), 'passed');
    for (let i = 2; i <= 9; i += 1) base(CURRENT, day(i), 'failed');
    prune('1');
    expect(names(CURRENT)).toEqual([1, 9].map(day));
    expect(readFileSync(at('cleaned'), 'utf8')).toContain('000000010000000000000001');
  });

  it('lose a lineage that ended when its newest one is older than what is kept', () => {
    const recent = new Date(Date.now() - 3_600_000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    base(CURRENT, recent, 'passed');
    base('77-0.20250101T000000Z', day(1), 'passed');
    base('76-1.20250101T000000Z', recent, 'passed');
    expect(prune('2').stderr).toContain('77-0.20250101T000000Z has ended');
    expect(readdirSync(at('store')).sort()).toEqual(['76-1.20250101T000000Z', CURRENT]);
  });

  it('are listed with what their drills said, oldest first', () => {
    base(CURRENT, day(2), 'failed');
    base('76-1.20250101T000000Z', day(1));
    const lines = backup(['list']).stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^20260101T000000Z {2}76-1\..* not drilled$/);
    expect(lines[1]).toMatch(/^20260102T000000Z {2}77-1\..*drill failed: a reason$/);
  });
});

describe('figures', () => {
  it('leave out what has never been measured, and are whole', () => {
    writeFileSync(at('state/restore_test_rto'), '2.5\n');
    expect(inside('write_figures').code).toBe(0);
    const text = readFileSync(at('figures/backup.prom'), 'utf8');
    expect(text).toMatch(/^backup_restore_test_rto_seconds 2\.5$/m);
    expect(text).toMatch(/^backup_wal_receiver_up 0$/m);
    expect(text).not.toContain('backup_last_success_timestamp_seconds');
    expect(readdirSync(at('figures'))).toEqual(['backup.prom']);
  });
});

describe('a partial segment', () => {
  it('is set aside before it is written anew, unless one that knows more is there', () => {
    const gz = (bytes: number) => gzipSync(Buffer.alloc(bytes, 'x'));
    writeFileSync(at('wal/A.gz.partial'), gz(10));
    writeFileSync(at('wal/B.gz.partial'), gz(10));
    writeFileSync(at('wal/B.gz.kept'), gz(20));
    inside(`set_partial_aside ${at('wal')}`);
    expect(readdirSync(at('wal')).sort()).toEqual(['A.gz.kept', 'B.gz.kept']);
    expect(readFileSync(at('wal/B.gz.kept')).equals(gz(20))).toBe(true);
    writeFileSync(at('wal/B.gz'), gz(30));
    inside(`forget_kept ${at('wal')}`);
    expect(readdirSync(at('wal')).sort()).toEqual(['A.gz.kept', 'B.gz']);
  });
});
