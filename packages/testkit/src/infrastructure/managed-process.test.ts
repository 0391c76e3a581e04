import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type ProcessExit, startProcess } from './managed-process.ts';
import {
  describeProcess,
  isAlive,
  type ProcessRecord,
  readLiveRecord,
  stopRecorded,
} from './process-record.ts';

const dir = mkdtempSync(join(tmpdir(), 'managed-process-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const node = process.execPath;
const FOREVER = 'setInterval(() => {}, 1000); console.log("up");';
const STUBBORN =
  'process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000); console.log("up");';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

function script(name: string, source: string) {
  const logFile = join(dir, `${name}.log`);
  const said = (text: string) => until(() => readFileSync(logFile, 'utf8').includes(text));
  return { spec: { name, command: node, args: ['-e', source], logFile }, said, logFile };
}

describe('startProcess', () => {
  it('lays the given environment over this one and takes away what is undefined', async () => {
    const { spec, logFile } = script('env', 'console.log(process.env.GIVEN, process.env.PATH)');
    const child = await startProcess({ ...spec, env: { GIVEN: 'yes', PATH: undefined } });
    await child.exited;
    expect(readFileSync(logFile, 'utf8')).toBe('yes undefined\n');
  });

  it('reports an exit that nobody asked for', async () => {
    const seen: ProcessExit[] = [];
    const child = await startProcess({
      ...script('dies', 'process.exit(3)').spec,
      onExit: (exit) => seen.push(exit),
    });
    await child.exited;
    expect(seen).toEqual([{ code: 3, signal: null, expected: false }]);
  });

  it('stops by SIGTERM, also when asked twice', async () => {
    const { spec, said } = script('stops', FOREVER);
    const child = await startProcess(spec);
    await said('up');
    const [first, second] = await Promise.all([child.stop(), child.stop()]);
    expect(first).toEqual({ code: null, signal: 'SIGTERM', expected: true });
    expect(second).toEqual(first);
  });

  it('stops by SIGKILL what ignores SIGTERM', async () => {
    const { spec, said } = script('stubborn', STUBBORN);
    const child = await startProcess(spec);
    await said('up');
    expect((await child.stop(50)).signal).toBe('SIGKILL');
  });

  it('takes the children of a killed process along', async () => {
    const source = `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]);
      setInterval(() => {}, 1000); console.log('child', c.pid);`;
    const { spec, said, logFile } = script('parent', source);
    const child = await startProcess(spec);
    await said('child');
    const pid = Number(/child (\d+)/.exec(readFileSync(logFile, 'utf8'))![1]);
    const grandchild = describeProcess('grandchild', pid)!;
    await child.kill();
    await until(() => !isAlive(grandchild));
  });

  it('says what cannot be started', async () => {
    const { spec } = script('absent', '');
    await expect(startProcess({ ...spec, command: '/no/such/program' })).rejects.toThrow(
      /absent cannot be started[\s\S]*check that \/no\/such\/program exists/,
    );
  });
});

describe('a process of an earlier run', () => {
  it('is ended by its record', async () => {
    const pidFile = join(dir, 'earlier.pid');
    const { spec, said } = script('earlier', FOREVER);
    const child = await startProcess({ ...spec, pidFile });
    await said('up');
    expect(readLiveRecord(pidFile)?.pid).toBe(child.pid);
    expect((await stopRecorded(pidFile))?.pid).toBe(child.pid);
    expect(readLiveRecord(pidFile)).toBeUndefined();
    expect((await child.exited).signal).toBe('SIGTERM');
  });

  it('is not confused with another that has its pid now', async () => {
    const pidFile = join(dir, 'reused.pid');
    const mine = describeProcess('reused', process.pid)!;
    writeFileSync(pidFile, JSON.stringify({ ...mine, startTicks: '1' } satisfies ProcessRecord));
    expect(await stopRecorded(pidFile)).toBeUndefined();
  });
});

describe('the end of the runner', () => {
  const harness = join(import.meta.dirname, 'managed-process.ts');
  const runner = (name: string, last: string) => `
    import { startProcess } from ${JSON.stringify(harness)};
    const child = await startProcess({ name: 'child', command: process.execPath,
      args: ['-e', ${JSON.stringify(FOREVER)}], logFile: ${JSON.stringify(join(dir, `${name}-child.log`))} });
    console.log('child', child.pid);
    ${last}`;

  async function childOf(name: string, last: string, signal?: NodeJS.Signals) {
    const parent = spawn(node, ['--input-type=module', '-e', runner(name, last)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = describeProcess('child', Number(/child (\d+)/.exec(line.toString())![1]));
    const ended = once(parent, 'exit');
    if (signal !== undefined) parent.kill(signal);
    const [code] = (await ended) as [number | null];
    return { child, code };
  }

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('by %s leaves nothing behind', async (signal, expected) => {
    const { child, code } = await childOf(signal, 'setInterval(() => {}, 1000);', signal);
    expect(code).toBe(expected);
    await until(() => child === undefined || !isAlive(child));
  });

  it('by process.exit leaves nothing behind', async () => {
    const { child, code } = await childOf('exit', 'setTimeout(() => process.exit(7), 200);');
    expect(code).toBe(7);
    await until(() => child === undefined || !isAlive(child));
  });
});
