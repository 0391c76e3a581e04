import type { Instrument } from '@fleet/domain/instruments';
import type { Simulation } from '../run/simulation.ts';
import { BinanceError } from './binance-error.ts';
import type { Parameters } from './parameters.ts';

export interface ApiContext {
  readonly simulation: Simulation;
  /** Wall time, epoch ms. */
  readonly wall: () => number;
  readonly weightLimit: number;
}

/** One route of the REST API; `handle` returns the answer's body or throws a BinanceError. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly signed: boolean;
  readonly weight: number;
  readonly handle: (parameters: Parameters, context: ApiContext) => unknown;
}

/** The instrument of the mandatory parameter `symbol`. */
export function instrumentOf(parameters: Parameters, { simulation }: ApiContext): Instrument {
  const symbol = parameters.text('symbol');
  if (!/^[A-Z0-9-_.]{1,20}$/.test(symbol))
    throw new BinanceError('ILLEGAL_CHARACTERS', "'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
  const found = simulation.market.instruments.find((instrument) => instrument.symbol === symbol);
  if (found === undefined) throw new BinanceError('SYMBOL');
  return found;
}

/** The instruments of `symbol`, of `symbols` (a JSON array), or all. `one` tells that a single one was asked for. */
export function instrumentsOf(
  parameters: Parameters,
  context: ApiContext,
): { readonly instruments: readonly Instrument[]; readonly one: boolean } {
  if (parameters.optional('symbol') !== undefined)
    return { instruments: [instrumentOf(parameters, context)], one: true };
  const all = context.simulation.market.instruments;
  const list = parameters.optional('symbols');
  if (list === undefined) return { instruments: all, one: false };
  const wanted = symbolList(list);
  const instruments = all.filter(({ symbol }) => wanted.includes(symbol));
  if (instruments.length !== wanted.length) throw new BinanceError('SYMBOL');
  return { instruments, one: false };
}

function symbolList(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  } catch {
    // Falls through to the error below: the text is no JSON.
  }
  throw new BinanceError('PARAMETER', 'symbols');
}
