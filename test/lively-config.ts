import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import { parse, stringify } from 'yaml';

/** Parameters short enough that a day of minutes holds entries, stops, rebalances, a loss cap and a flatten. */
const STRATEGIES = {
  interval: '1m',
  strategies: [
    {
      symbol: 'BTCUSDT',
      strategy: 'ema-cross',
      parameters: { fast: 10, slow: 30, atrPeriod: 14, atrMultiple: 3 },
    },
    {
      symbol: 'ETHUSDT',
      strategy: 'bollinger-rsi',
      parameters: {
        ...{ bandPeriod: 20, bandWidth: 1.5, rsiPeriod: 7, rsiLow: 40, rsiHigh: 70 },
        ...{ atrPeriod: 14, atrMultiple: 2 },
      },
    },
  ],
};

const CHANGES: Readonly<Record<string, object>> = {
  'strategies.yaml': STRATEGIES,
  'portfolio.yaml': { volWindow: 60 },
  'day.yaml': { targetPct: 0.6, targetPolicy: 'flatten', lossCapPct: 1.5, lossCapFlatten: true },
};

/** The checkout's configuration in `dir`, changed so that much happens in little time. */
export function livelyConfig(dir: string): string {
  cpSync(join(checkout, 'config'), dir, { recursive: true });
  for (const [file, change] of Object.entries(CHANGES)) {
    const path = join(dir, file);
    const before = parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, stringify({ ...before, ...change }));
  }
  return dir;
}
