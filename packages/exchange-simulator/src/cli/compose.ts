import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { venueConfigSchema } from '@fleet/domain/matching';
import { loadYaml } from '@fleet/shared/config';
import { type Compose, requestExit } from '@fleet/shared/lifecycle';
import { createLogger } from '@fleet/shared/telemetry';
import { loadCandleMarket, loadSyntheticMarket } from '../market/load-market.ts';
import type { Market } from '../market/market.ts';
import { startSimulator } from '../start-simulator.ts';
import { readConfig, type SimulatorConfig } from './simulator-config.ts';

/** The simulator as a process: configuration, market, both servers, and their close. */
export const compose: Compose = async (resources) => {
  const config = readConfig(process.argv.slice(2), process.env);
  const logger = createLogger({ service: 'exchange-simulator', level: config.LOG_LEVEL });
  const market = marketOf(config);
  const venue = loadYaml(join(config.CONFIG_DIR, 'venue.yaml'), venueConfigSchema);
  const simulator = await startSimulator({
    market,
    venue,
    account: { key: config.SIMULATOR_API_KEY, secret: config.SIMULATOR_API_SECRET },
    host: config.HOST,
    port: config.PORT,
    controlHost: config.CONTROL_HOST,
    controlPort: config.CONTROL_PORT,
    journalFolder: config.journal ?? config.SIMULATOR_JOURNAL,
    fresh: config.fresh,
    speed: config.speed,
    logger,
    onFailure: (error) => {
      logger.fatal({ err: error }, 'the simulator cannot go on');
      requestExit('the simulator cannot go on');
    },
  });
  resources.add('simulator', () => simulator.close());
  const { url, controlUrl, run, continued } = simulator;
  const { symbols, interval, total } = market;
  logger.info({ url, controlUrl, run, continued, symbols, interval, sets: total }, 'simulator ready');
  return { logger };
};

/** Candle files where some are given, else the synthetic market. */
function marketOf(config: SimulatorConfig): Market {
  const { instruments } = loadYaml(join(config.CONFIG_DIR, 'instruments.yaml'), instrumentsSchema);
  if (config.candles.length > 0) return loadCandleMarket(instruments, config);
  return loadSyntheticMarket(instruments, { ...config, historyBars: config.history });
}
