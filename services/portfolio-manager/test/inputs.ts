import { join } from 'node:path';
import { readTradingConfiguration, type TradingConfiguration } from '@fleet/domain/configuration';
import type { OrderProposed } from '@fleet/domain/events';
import { loadYaml } from '@fleet/shared/config';
import type { NewEvent } from '@fleet/shared/streams';
import {
  accountEvents,
  BOTH,
  deciding,
  eventFactory,
  type Fed,
  MINUTE,
  type OrderOf,
} from '@fleet/testkit/account-events';
import { createPlanning } from '../src/planning/processor.ts';

export const RUN = 'portfolio-test';
export const CONFIG = join(import.meta.dirname, '../../../config');

/** Written over portfolio.yaml: the volatility is known after ten bars, weights end at the cap. */
export const PORTFOLIO_YAML = `volTarget: 10
volWindow: 10
symbolCap: 0.4
band: 0.05
entryNotionalFactor: 1.5
validForMs: 60000
`;

const files = readTradingConfiguration((file, schema) => loadYaml(join(CONFIG, file), schema), {
  replay: true,
});
export const configuration: TradingConfiguration = {
  ...files,
  portfolio: { ...files.portfolio, volTarget: 10, volWindow: 10, symbolCap: 0.4, band: 0.05 },
};

export const fed = eventFactory(RUN);
export const { bar, tradingState, dayOpened, snapshot, reconciled, cashMoved, fill, ended } =
  accountEvents(fed);

const processor = createPlanning(configuration, (state) => state.plannedSet + MINUTE);
/** As against a real venue: the market's clock is the wall's. */
export const live = createPlanning(configuration, (_state, wallNow) => wallNow);

export const { decide, feed } = deciding(processor);

export function signal(openTime: number, symbol: string, target: number, set: readonly string[] = BOTH): Fed {
  const missing = BOTH.filter((one) => !set.includes(one));
  return fed(
    'signal.produced',
    {
      ...{ cycleId: `1m:${openTime}`, symbol, interval: '1m', openTime, strategy: 'test' },
      ...{ strategyVersion: 'test', target, stopDistance: target > 0 ? 5 : null, confidence: 1 },
      ...{ reason: 'test', set, missing },
    },
    `${symbol}|${openTime}`,
  );
}

/** Bars and signals of one open time. */
export function barSet(openTime: number, target: number, close = '100'): Fed[] {
  return [
    ...BOTH.map((symbol) => bar(openTime, symbol, close)),
    ...BOTH.map((symbol) => signal(openTime, symbol, target)),
  ];
}

export function flatten(flattenId: string, stateEpoch: number): Fed {
  return fed('flatten.requested', { flattenId, stateEpoch, cycleId: null, requestedBy: 'test' }, flattenId);
}

export function denied({ proposalId, cycleId, symbol }: OrderOf, code = 'POSITION_ABOVE_LIMIT'): Fed {
  return fed('order.denied', { proposalId, cycleId, symbol, code, figures: {}, message: code });
}

export function proposals(events: readonly NewEvent[]): OrderProposed[] {
  return events.filter(({ type }) => type === 'order.proposed').map(({ data }) => data as OrderProposed);
}

/** Orders as `purpose side quantity symbol`, skips as `symbol code`. */
export function plan(events: readonly NewEvent[]): string[] {
  return events.flatMap(({ type, data }) => {
    if (type !== 'cycle.planned') return [];
    const { skipped } = data as { skipped: { symbol: string; code: string }[] };
    const orders = proposals(events).map((o) => `${o.purpose} ${o.side} ${o.quantity} ${o.symbol}`);
    return [...orders, ...skipped.map(({ symbol, code }) => `${symbol} ${code}`)];
  });
}
