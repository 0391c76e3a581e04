import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { FleetHome } from './fleet-home.ts';
import type { ChosenMarket } from './market-choice.ts';

/**
 * The configuration folder of a run. A market with fewer symbols than `strategies.yaml` trades gets a copy without the
 * others' strategies: nobody would ever hear of their bars.
 */
export function runConfig(home: FleetHome, market: ChosenMarket, configDir: string): string {
  rmSync(home.config, { recursive: true, force: true });
  const { interval, strategies } = market.strategies;
  const traded = strategies.filter(({ symbol }) => market.symbols.includes(symbol));
  if (traded.length === strategies.length) return configDir;
  mkdirSync(home.config, { recursive: true });
  cpSync(configDir, home.config, { recursive: true });
  writeFileSync(join(home.config, 'strategies.yaml'), stringify({ interval, strategies: traded }));
  return home.config;
}
