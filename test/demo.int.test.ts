import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoPlace } from './demo-place.ts';

const { home, configDir, candles, start, summary } = demoPlace('demo', 300);

/** Processes whose command line names the demo's folder. */
function processesLeft(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(home) ? [words] : [];
      } catch {
        return []; // gone meanwhile
      }
    });
}

describe('demo', { timeout: 180_000 }, () => {
  it('on Ctrl-C lets the step end, compares, prints the summary and leaves nothing running', async () => {
    const runner = start('--candles', ...candles);
    await runner.hears(/^\d+\/\d+ cycles \| .* \| ACTIVE/m);
    runner.child.kill('SIGINT');
    const { code, said } = await runner.ended;
    expect(said).toContain('SIGINT: stopping after the step under way');
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^proof: ledger equals the venue: USDT /);
    const { finished, cycles } = summary();
    expect(finished).toBe(false);
    expect(cycles.completed).toBe(cycles.expected);
    expect(code).toBe(0);
    expect(processesLeft()).toEqual([]);
    expect(existsSync(join(home, 'state.json'))).toBe(false);
  });

  it('goes on where it stopped, also when its runner alone was killed, and refuses a second runner', async () => {
    const before = summary();
    const cut = start();
    await cut.hears(/all 8 services are ready/);
    const second = await start().ended;
    expect(second.said).toContain('another fleet runs on');
    expect(second.code).toBe(1);
    cut.child.kill('SIGKILL');
    await cut.ended;
    const { code, said } = await start().ended;
    expect(said).toContain('going on with BTCUSDT-1m-generated.csv, ETHUSDT-1m-generated.csv');
    const after = summary();
    expect(after).toMatchObject({ run: before.run, finished: true, proof: { equal: true } });
    expect(after.cycles.completed).toBe(after.cycles.expected);
    expect(after.cycles.expected).toBeGreaterThan(before.cycles.expected);
    expect(after.fills).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(processesLeft()).toEqual([]);
  });

  it('begins a new run after a finished one, of the made-up market when no candles are named, until --for', async () => {
    const before = summary();
    const { code, said } = await start('--seed', '7', '--for', '2s').ended;
    expect(said).toContain('trading the synthetic market of seed 7 (BTCUSDT, ETHUSDT)');
    expect(summary().run).not.toBe(before.run);
    expect(summary().cycles.completed).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('refuses other candles while that one is unfinished', async () => {
    const { code, said } = await start('--candles', ...candles).ended;
    expect(said).toContain('an unfinished run of the synthetic market of seed 7');
    expect(said).toContain('--fresh');
    expect(code).toBe(1);
  });

  it('plays by the clock with --speed, and stops that too in good order', async () => {
    const runner = start('--fresh', '--candles', ...candles, '--speed', '600x');
    await runner.hears(/^[1-9]\d*\/\d+ cycles/m);
    runner.child.kill('SIGTERM');
    const { code, said } = await runner.ended;
    expect(said).toContain('at 600x');
    expect(summary().cycles.completed).toBe(summary().cycles.expected);
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^proof: ledger equals the venue/);
    expect(code).toBe(0);
  });

  it('stops with the words of a service that refuses its configuration', async () => {
    writeFileSync(join(configDir, 'risk.yaml'), 'orderNotionalMax: nonsense\n');
    const { code, said } = await start('--fresh', '--candles', ...candles).ended;
    expect(said).toMatch(/demo: \S+ refuses its configuration/);
    expect(said).toContain('risk.yaml');
    expect(said).toContain('orderNotionalMax');
    expect(code).toBe(1);
    expect(processesLeft()).toEqual([]);
  });
});
