import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Short enough to trade within a minute of a made-up market. */
const STRATEGIES = {
  interval: '1m',
  strategies: [
    {
      symbol: 'BTCUSDT',
      strategy: 'ema-cross',
      parameters: { fast: 5, slow: 15, atrPeriod: 14, atrMultiple: 3 },
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

/** A copy of a configuration folder with which a fleet trades at once, for checks that need fills. */
export function copyLivelyConfig(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  change(join(to, 'strategies.yaml'), STRATEGIES);
  change(join(to, 'portfolio.yaml'), { volWindow: 30 });
}

function change(file: string, values: object): void {
  const before = parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, stringify({ ...before, ...values }));
}
