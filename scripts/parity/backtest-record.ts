import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type BacktestResult, type Deployment, runBacktest } from '@fleet/domain/backtest';
import { type CandleColumns, parseCandleColumns } from '@fleet/domain/candles';
import { dayEnvironmentShape, readTradingConfiguration } from '@fleet/domain/configuration';
import { venueConfigSchema } from '@fleet/domain/matching';
import { loadConfig, loadYaml } from '@fleet/shared/config';
import { z } from 'zod';
import { amount, type RecordedVersion } from './fleet-record.ts';
import { byKey, orderKey, type Row, type RunRecord } from './run-record.ts';

export interface BacktestSpec {
  readonly configDir: string;
  /** `SYMBOL=path`. */
  readonly candles: readonly { readonly symbol: string; readonly path: string }[];
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** What the fleet's analyst noted: the first version of each symbol is the configured one. */
  readonly versions: readonly RecordedVersion[];
}

/** The same candles and the same configuration, backtested. */
export function backtestRecord(spec: BacktestSpec): RunRecord {
  const environment = loadConfig(z.object(dayEnvironmentShape));
  const configuration = readTradingConfiguration(
    (file, schema) => loadYaml(join(spec.configDir, file), schema),
    {
      environment,
      replay: true,
    },
  );
  const result = runBacktest({
    configuration,
    venue: loadYaml(join(spec.configDir, 'venue.yaml'), venueConfigSchema),
    candles: spec.candles.map(({ symbol, path }) => readCandles(symbol, path)),
    ...(spec.from === undefined ? {} : { from: spec.from }),
    ...(spec.to === undefined ? {} : { to: spec.to }),
    record: 'full',
    deployments: laterVersions(spec.versions),
  });
  return recordOf(result);
}

/** The first version of a symbol stood before the first bar; a deployment is what came after it. */
function laterVersions(versions: readonly RecordedVersion[]): Deployment[] {
  const seen = new Set<string>();
  return versions.flatMap(({ symbol, openTime, strategy, parameters }) => {
    const first = !seen.has(symbol);
    seen.add(symbol);
    return first ? [] : [{ openTime: Number(openTime), assignment: { symbol, strategy, parameters } }];
  });
}

function readCandles(symbol: string, path: string): CandleColumns {
  const bytes = readFileSync(path);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseCandleColumns((zipped ? gunzipSync(bytes) : bytes).toString('utf8'), { symbol });
}

function recordOf(result: BacktestResult): RunRecord {
  return {
    orders: byKey(
      'orders of the backtest',
      result.orders.map((order) => [
        orderKey(order),
        {
          side: order.side,
          type: order.type,
          quantity: amount(order.quantity),
          limitPrice: amount(order.limitPrice),
          triggerPrice: amount(order.triggerPrice),
          state: order.state,
          filled: amount(order.filled),
        },
      ]),
    ),
    fills: byKey(
      'fills of the backtest',
      result.fills.map((fill) => [`${fill.symbol} ${fill.tradeId}`, fillRow(fill)]),
    ),
    denials: byKey(
      'denials of the backtest',
      result.denials.map((denial) => [orderKey(denial), { code: denial.code }]),
    ),
    equity: byKey(
      'equity of the backtest',
      result.exactEquity.map((equity, index) => [
        String(result.openTimes[index]),
        { equity: amount(equity) },
      ]),
    ),
  };
}

function fillRow(fill: BacktestResult['fills'][number]): Row {
  return {
    order: orderKey(fill),
    side: fill.side,
    price: amount(fill.price),
    quantity: amount(fill.quantity),
    quoteQuantity: amount(fill.quoteQuantity),
    fee: amount(fill.fee),
    feeAsset: fill.feeAsset,
    time: String(fill.time),
  };
}
