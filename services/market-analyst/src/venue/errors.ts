import { defineError, type FleetError, safeError } from '@fleet/shared/errors';
import { NetworkError } from '../../node_modules/ccxt/js/src/base/errors.js';

export const MarketDataUnavailable = defineError({
  code: 'MARKET_DATA_UNAVAILABLE',
  title: 'The venue does not give market data',
  status: 503,
  retry: 'retry',
  action:
    'Nothing, if it comes back: missed bars are fetched then. Else look at the venue, or at SIMULATOR_URL.',
});
export const MarketDataRefused = defineError({
  code: 'MARKET_DATA_REFUSED',
  title: 'The venue refused a request for market data',
  status: 502,
  retry: 'retry',
  action: 'Read the message: a symbol that the venue does not have, or a limit that was exceeded.',
});
export const MarketDataUnreadable = defineError({
  code: 'MARKET_DATA_UNREADABLE',
  title: 'The venue said something that is no bar',
  status: 502,
  retry: 'retry',
  action: 'Compare the message with the description of the venue: it may have changed its format.',
});
export const MarketDataHostRefused = defineError({
  code: 'MARKET_DATA_HOST_REFUSED',
  title: 'Paper mode would have reached a real exchange',
  status: 500,
  retry: 'crash',
  action: 'Correct SIMULATOR_URL: in paper mode every address of the venue must be on its host.',
});
export const SymbolNotAtVenue = defineError({
  code: 'SYMBOL_NOT_AT_VENUE',
  title: 'The venue does not trade a configured symbol',
  status: 502,
  retry: 'retry',
  action:
    'Take the symbol out of config/strategies.yaml, or give the simulator candles and an instrument of it.',
});

/** A venue error with nothing of the vendor's in it but words that are safe to log. */
export function venueError(error: unknown): FleetError {
  const { message } = safeError(error);
  if (error instanceof NetworkError) return new MarketDataUnavailable(message);
  return new MarketDataRefused(message);
}
