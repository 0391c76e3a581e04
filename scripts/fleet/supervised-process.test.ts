import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunFailure } from './run-failure.ts';
import { afterExit, SupervisedProcess } from './supervised-process.ts';

describe('after an exit', () => {
  it.each([
    ['a crash', null, 1, { kind: 'restart', delayMs: 200 }],
    ['the second in a row', 1, 2, { kind: 'restart', delayMs: 400 }],
    ['the fourth', 1, 4, { kind: 'restart', delayMs: 1_600 }],
    ['the tenth', 1, 10, { kind: 'restart', delayMs: 5_000 }],
    ['a new run', 75, 3, { kind: 'restart', delayMs: 0 }],
    ['a refused configuration', 78, 1, { kind: 'give-up', why: 'refuses its configuration' }],
  ] as const)('of %s', (_, code, failures, next) => {
    expect(afterExit(code, { failures, wasReady: true })).toEqual(next);
  });

  it('gives up on a process that never came up', () => {
    expect(afterExit(1, { failures: 4, wasReady: false })).toMatchObject({ kind: 'restart' });
    expect(afterExit(1, { failures: 5, wasReady: false })).toEqual({
      kind: 'give-up',
      why: 'ended 5 times while starting',
    });
  });
});

describe('supervised process', () => {
  const dirs: string[] = [];
  const started: SupervisedProcess[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((process) => process.stop()));
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  function supervise(script: string) {
    const dir = mkdtempSync(join(tmpdir(), 'supervised-'));
    dirs.push(dir);
    const gaveUp = Promise.withResolvers<RunFailure>();
    const restarted = Promise.withResolvers<string>();
    const supervised = new SupervisedProcess({
      spec: {
        name: 'small',
        command: process.execPath,
        args: ['-e', script],
        env: { COUNTER: join(dir, 'count') },
        logFile: join(dir, 'log'),
        pidFile: join(dir, 'pid'),
      },
      onGiveUp: gaveUp.resolve,
      onRestart: restarted.resolve,
    });
    started.push(supervised);
    return { dir, supervised, gaveUp: gaveUp.promise, restarted: restarted.promise };
  }

  const WAIT = 'setInterval(() => {}, 1000)';

  it('is started again after kill -9, and not after stop', async () => {
    const { dir, supervised, restarted } = supervise(WAIT);
    await supervised.start();
    const first = supervised.pid;
    process.kill(first!, 'SIGKILL');
    await restarted;
    await expect.poll(() => supervised.pid).not.toBeOneOf([first, undefined]);
    await supervised.stop();
    expect(supervised.pid).toBeUndefined();
    expect(supervised.restarts).toBe(1);
    expect(existsSync(join(dir, 'pid'))).toBe(false);
  });

  it('ends what an earlier, killed runner left under its record', async () => {
    const { dir, supervised } = supervise(WAIT);
    await supervised.start();
    const left = supervised.pid;
    const record = readFileSync(join(dir, 'pid'), 'utf8');
    expect(record).toContain(String(left));
    await supervised.start();
    expect(supervised.pid).not.toBe(left);
    // Ended, it has its number until this process, its parent, has heard of it.
    await vi.waitFor(() => expect(() => process.kill(left!, 0)).toThrow('ESRCH'));
  });

  it('tells the last words of one that refuses its configuration', async () => {
    const { supervised, gaveUp } = supervise("console.error('PORT: must be a number'); process.exit(78)");
    await supervised.start();
    const failure = await gaveUp;
    expect(failure.message).toContain('small refuses its configuration');
    expect(failure.message).toContain('PORT: must be a number');
  });
});
