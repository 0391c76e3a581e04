import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FleetView } from './fleet-watch.ts';
import { Progress } from './progress.ts';

const view = (done: number): FleetView => ({
  done,
  total: 100,
  marketTime: null,
  equity: '10000',
  dayPnlPct: 0,
  state: 'ACTIVE',
  fills: 0,
  services: [{ name: 'orchestrator', problem: null, lag: 0 }],
});

function screen(isTTY: boolean) {
  const written: string[] = [];
  let done = 0;
  const progress = new Progress({
    out: {
      isTTY,
      columns: 80,
      write: (text: string | Uint8Array) => {
        written.push(String(text));
        return true;
      },
    },
    look: () => {
      done += 10;
      return Promise.resolve(view(done));
    },
  });
  return { written, progress };
}

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes a plain line now and then into a pipe', async () => {
    const { written, progress } = screen(false);
    progress.start();
    await vi.advanceTimersByTimeAsync(10_100);
    progress.stop();
    expect(written).toHaveLength(2);
    expect(written.join('')).not.toContain('\u001b');
    expect(written[1]).toMatch(/^20\/100 cycles \| .* \| ACTIVE \| 0 fills\n$/);
  });

  it('draws the view anew in place in a terminal, and puts words above it', async () => {
    const { written, progress } = screen(true);
    progress.start();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(written.filter((text) => text.startsWith('\u001b[4A\u001b[J'))).toHaveLength(1);
    progress.say('risk-manager ended');
    expect(written.slice(-2)).toEqual(['\u001b[4A\u001b[J', 'risk-manager ended\n']);
    progress.stop();
    const before = written.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toHaveLength(before);
  });
});
