import type { TradingConfiguration } from '@fleet/domain/configuration';
import { STRATEGIES } from '@fleet/domain/strategies';
import { objectiveDaysMin } from '../search/objective.ts';
import { barsIn, splitPeriod } from '../search/period.ts';
import type { StudySpec } from './study.ts';

/** What one study may cost. */
export interface StudyLimits {
  readonly trialsMax: number;
  /** Bars of the period, over all symbols. */
  readonly barsMax: number;
  /** Studies that wait or run. */
  readonly openMax: number;
}

export interface SpecFault {
  readonly field: string;
  readonly message: string;
}

const DAY_MS = 86_400_000;

/** Everything that is wrong with a request, so that it is refused before it costs anything; empty when nothing is. */
export function specFaults(
  spec: StudySpec,
  configuration: TradingConfiguration,
  limits: StudyLimits,
): readonly SpecFault[] {
  const faults = [
    ...namedFaults(spec, configuration),
    ...spanFaults(spec, configuration.intervalMs),
    ...sizeFaults(spec, configuration, limits),
  ];
  return faults.length > 0 ? faults : lengthFaults(spec, configuration);
}

function namedFaults(
  { strategy, symbols, interval }: StudySpec,
  configuration: TradingConfiguration,
): SpecFault[] {
  const faults: SpecFault[] = [];
  if (!STRATEGIES.has(strategy)) {
    const known = [...STRATEGIES.keys()].join(', ');
    faults.push({ field: 'strategy', message: `${strategy} is not known; known are ${known}` });
  }
  const traded = configuration.instruments.map(({ symbol }) => symbol);
  const strangers = symbols.filter((symbol) => !traded.includes(symbol));
  if (strangers.length > 0) {
    const message = `${strangers.join(', ')}: not traded here; the symbols are ${traded.join(', ')}`;
    faults.push({ field: 'symbols', message });
  }
  if (new Set(symbols).size !== symbols.length)
    faults.push({ field: 'symbols', message: 'a symbol stands twice' });
  if (interval !== configuration.interval) {
    const message = `the fleet trades bars of ${configuration.interval}: parameters for ${interval} could not be deployed`;
    faults.push({ field: 'interval', message });
  }
  return faults;
}

function spanFaults({ from, to }: StudySpec, intervalMs: number): SpecFault[] {
  if (to <= from) return [{ field: 'to', message: 'must be after from' }];
  return (['from', 'to'] as const).flatMap((field) =>
    ({ from, to })[field] % intervalMs === 0
      ? []
      : [{ field, message: 'must be the open time of a bar of the interval' }],
  );
}

function sizeFaults(
  spec: StudySpec,
  { intervalMs }: TradingConfiguration,
  { trialsMax, barsMax }: StudyLimits,
): SpecFault[] {
  const faults: SpecFault[] = [];
  if (spec.trials > trialsMax)
    faults.push({ field: 'trials', message: `${spec.trials} trials; at most ${trialsMax} are allowed here` });
  const bars = barsIn(spec, intervalMs) * spec.symbols.length;
  if (bars > barsMax)
    faults.push({
      field: 'to',
      message: `the period has ${bars} bars over all symbols; at most ${barsMax} are allowed here`,
    });
  return faults;
}

/** Of a request that is right in itself: can its periods answer what it asks? */
function lengthFaults(spec: StudySpec, configuration: TradingConfiguration): SpecFault[] {
  const { intervalMs, day, portfolio } = configuration;
  const { train, test } = splitPeriod(spec, { intervalMs, day });
  const faults: SpecFault[] = [];
  const days = (train.to - train.from) / DAY_MS;
  const needed = objectiveDaysMin(spec.objective);
  if (days < needed && needed > 1) {
    faults.push({
      field: 'objective',
      message: `${spec.objective} needs ${needed} days of training and has ${days.toFixed(1)}; ask for a longer period, or for totalReturn or profitFactor`,
    });
  }
  for (const [name, span] of Object.entries({ train, test })) {
    const bars = barsIn(span, intervalMs);
    if (bars > portfolio.volWindow) continue;
    const message = `the ${name} period has ${bars} bars; nothing trades before the volatility window of ${portfolio.volWindow} bars is full`;
    faults.push({ field: 'to', message });
  }
  return faults;
}
