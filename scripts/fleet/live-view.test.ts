import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { FleetView } from './fleet-watch.ts';
import { progressLine, screenLines } from './live-view.ts';

const view: FleetView = {
  done: 2_520,
  total: 10_080,
  marketTime: '2024-08-02T18:00:00.000Z',
  equity: '9876.543',
  dayPnlPct: -0.5,
  state: 'ACTIVE',
  fills: 12,
  services: [
    { name: 'orchestrator', problem: null, lag: 0 },
    { name: 'risk-manager', problem: 'does not answer yet', lag: null },
  ],
};
const nobody: FleetView = {
  done: null,
  total: null,
  marketTime: null,
  equity: null,
  dayPnlPct: null,
  state: null,
  fills: null,
  services: [],
};

describe('view of the fleet', () => {
  it('is one line where there is no terminal', () => {
    expect(progressLine(view, { cyclesPerSecond: 98.4 })).toBe(
      '2520/10080 cycles | 98/s | 2024-08-02T18:00 | equity 9876.54 | day -0.50 % | ACTIVE | 12 fills | not ready: risk-manager',
    );
  });

  it('says what it does not know', () => {
    expect(progressLine(nobody, { cyclesPerSecond: 0 })).toBe(
      '- cycles | 0/s | equity - | day - | state unknown | - fills',
    );
  });

  it('shows bar, state and each service in a terminal', () => {
    const lines = screenLines(view, { cyclesPerSecond: 98 }, 200);
    expect(lines[0]).toContain('[========                      ] 2520/10080');
    expect(lines[2]).toContain('ACTIVE');
    expect(lines[3]).toContain('orchestrator          ready  lag 0');
    expect(lines[4]).toContain('risk-manager          does not answer yet');
  });

  it('is no wider than the terminal', () => {
    const plain = screenLines(view, { cyclesPerSecond: 98 }, 40).map((line) =>
      stripVTControlCharacters(line),
    );
    expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(40);
  });
});
