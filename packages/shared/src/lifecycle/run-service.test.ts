import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requestExit } from './index.ts';

const FIXTURE = fileURLToPath(new URL('./run-service.fixture.ts', import.meta.url));
/** The promise of the runner; a process that breaks it is killed, and its exit code is then no number. */
const STOP_MS_MAX = 5_000;

interface Life {
  readonly code: number | null;
  readonly said: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the fixture; `signal` is sent when it said that it has started. */
function live(mode: string, signal?: NodeJS.Signals): Promise<Life> {
  const child = spawn(process.execPath, [FIXTURE, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  let kill: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (signal === undefined || kill !== undefined || !stdout.includes('said:started')) return;
    child.kill(signal);
    kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(kill);
      const said = stdout.split('\n').filter((line) => line.startsWith('said:'));
      resolve({ code, stdout, stderr, said: said.map((line) => line.slice('said:'.length)) });
    });
  });
}

describe('runService', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains, closes in reverse and exits with 0 on %s',
    async (signal) => {
      const { code, said } = await live('ok', signal);
      expect(said).toEqual(['started', 'draining', 'closed http', 'closed pool']);
      expect(code).toBe(0);
    },
  );

  it('ends within 5 s also when draining and closing hang, closes the rest and says so', async () => {
    const { code, said, stdout } = await live('stuck', 'SIGTERM');
    expect(said).toContain('closed pool');
    expect(stdout).toContain('closing stuck: not closed after');
    expect(code).toBe(1);
  });

  it('closes what a failed start had opened, prints the error and what to do, exits with 1', async () => {
    const { code, said, stderr } = await live('failed-start');
    expect(said).toEqual(['closed pool']);
    expect(stderr).toContain('fixture could not start: the key is upside down\n  what to do: Turn the key.');
    expect(code).toBe(1);
  });

  it('exits with 78 when the configuration is refused', async () => {
    const { code, stderr } = await live('config');
    expect(stderr).toContain('NEEDED: is required and not set');
    expect(code).toBe(78);
  });

  it.each(['slow-start', 'deaf-start'])('stops in the middle of a start (%s)', async (mode) => {
    const { code, said } = await live(mode, 'SIGTERM');
    expect(said).toEqual(['started', 'closed pool']);
    expect(code).toBe(0);
  });

  it.each([
    ['rejection', 'unhandledRejection'],
    ['exception', 'uncaughtException'],
  ])('logs, drains and exits with 1 on a fault nobody caught: %s', async (mode, reason) => {
    const { code, said, stdout, stderr } = await live(mode);
    expect(said).toEqual(['draining', 'closed pool']);
    expect(stdout).toContain(`"reason":"${reason}"`);
    expect(stdout + stderr).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  it('exits with the code that was asked for', async () => {
    const { code, said, stdout } = await live('request');
    expect(said).toEqual(['closed pool']);
    expect(stdout).toContain('the run changed');
    expect(code).toBe(3);
  });

  it('does not call a stop clean whose closing failed', async () => {
    const { code, said } = await live('failed-close', 'SIGTERM');
    expect(said).toContain('closed pool');
    expect(code).toBe(1);
  });
});

describe('requestExit', () => {
  it('refuses without a running service', () => {
    expect(() => requestExit('why not')).toThrow('no service is run by runService');
  });
});
